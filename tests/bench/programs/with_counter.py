"""Counts words as a Python user would. usage: with_counter.py TOP DELIMITER <TEXT

An empty DELIMITER means white space. Prints word<tab>count, the TOP most frequent first, as all
programs here do.
"""
import sys
from collections import Counter

top, delimiter = int(sys.argv[1]), sys.argv[2].encode()
counts = Counter()
if delimiter:
    for line in sys.stdin.buffer:
        counts.update(line.rstrip(b"\r\n").split(delimiter))
else:
    for line in sys.stdin.buffer:
        counts.update(line.split())
for word, count in counts.most_common(top):
    sys.stdout.buffer.write(b"%s\t%d\n" % (word, count))

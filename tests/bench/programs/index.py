"""Where each word stands, as a dozen lines of Python have it. usage: index.py FILE"""
import sys
from collections import defaultdict

path, = sys.argv[1:]
places, offset = defaultdict(list), 0
with open(path, "rb") as file:
    for line in file:
        at = 0
        for word in line.split():
            at = line.index(word, at)
            places[word].append(offset + at)
            at += len(word)
        offset += len(line)
name = path.encode()
for word in sorted(places):
    sys.stdout.buffer.write(word + b"\t" + b" ".join(b"%s:%d" % (name, at)
                                                     for at in places[word]) + b"\n")

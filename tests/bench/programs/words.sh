# Each word as a line with a 1 behind it, as a mapper of Hadoop's.
tr -s '[:space:]' '\n' | sed 's/$/\t1/'

# Adds up the numbers of each key, whose lines stand together.
$1 != key { if (NR > 1) print key "\t" sum; key = $1; sum = 0 }
{ sum += $2 }
END { if (NR > 0) print key "\t" sum }

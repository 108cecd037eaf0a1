# Makes one line of those of a word, which stand together: `word TAB places`.
BEGIN { FS = "\t" }
$1 == word && NR > 1 { printf " %s", $2; next }
{ if (NR > 1) print ""; word = $1 ""; printf "%s\t%s", $1, $2 }
END { if (NR > 0) print "" }

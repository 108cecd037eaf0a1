# Where each word stands, but for the order of the words.
{
    at = 1
    for (i = 1; i <= NF; i++) {
        at += index(substr($0, at), $i) - 1
        places[$i] = places[$i] " " FILENAME ":" offset + at - 1
        at += length($i)
    }
    offset += length($0) + 1
}
END { for (word in places) print word "\t" substr(places[word], 2) }

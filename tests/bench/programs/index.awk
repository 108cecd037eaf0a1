# Where each word stands, but for the order of the words. To append to a list copies it, so that one
# that has become long is printed: a frequent word has many lines, in the order of its places.
{
    at = 1
    for (i = 1; i <= NF; i++) {
        at += index(substr($0, at), $i) - 1
        places[$i] = places[$i] " " FILENAME ":" offset + at - 1
        if (length(places[$i]) > 1000) {
            print $i "\t" substr(places[$i], 2)
            places[$i] = ""
        }
        at += length($i)
    }
    offset += length($0) + 1
}
END { for (word in places) if (places[word] != "") print word "\t" substr(places[word], 2) }

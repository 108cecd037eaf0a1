# fish completion for wc-mr.

# Another job has options of its own, and other orders and formats: its help has them.
function __wc_mr_job
    string join -- ' ' (commandline -opc)[2..3] | string match -rg -- '^--job[= ]([^ ]+)'
end

function __wc_mr_job_options
    set -l program (commandline -opc)[1]
    $program --job=(__wc_mr_job) --help=all 2>/dev/null |
        string replace -rf -- '^ +(?:-\w, )? *(--[a-z0-9-]+)\S* +(.+)' '$1\t$2'
end

function __wc_mr_job_choices
    set -l program (commandline -opc)[1]
    $program --job=(__wc_mr_job) --help=$argv 2>/dev/null |
        string replace -rf -- "^ +--$argv=[A-Z]+ +" '' |
        string replace -ra -- ' descending| \(default\)|,' '' |
        string replace -- ' or ' ' ' | string split ' '
end

complete -c wc-mr -n __wc_mr_job -a '(__wc_mr_job_options)'
complete -c wc-mr -n __wc_mr_job -l sort -x -a '(__wc_mr_job_choices sort)' -d 'Order'
complete -c wc-mr -n __wc_mr_job -l format -x -a '(__wc_mr_job_choices format)' -d 'Output format'
complete -c wc-mr -s d -l delimiter -x -d 'Cut fields at these bytes'
complete -c wc-mr -s f -l fields -x -d 'Count these fields of each line, as one'
complete -c wc-mr -l quoted -d 'Fields may stand in double quotes'
complete -c wc-mr -l header -d 'The first line of each file has names'
complete -c wc-mr -l words -x -a 'white uwhite letters unicode' -d 'What words are'
complete -c wc-mr -l match -x -d 'Words are what this expression matches'
complete -c wc-mr -l cluster -x -a 'hadoop spark' -d 'Count on a cluster'
complete -c wc-mr -l streaming-jar -r -d 'Streaming jar of Hadoop'
complete -c wc-mr -l cluster-argument -x -d 'Word for the command of the cluster'
complete -c wc-mr -l ship -r -d 'Program to ship to the cluster'
complete -c wc-mr -l as -x -a 'mapper combiner reducer' -d 'Be a part of Hadoop or Spark'
complete -c wc-mr -l normalize -x -a 'nfc nfkc' -d 'Count words alike that are the same to Unicode'
complete -c wc-mr -l ngrams -x -d 'Count so many neighbouring words as one'
complete -c wc-mr -l counted -f -a 'tsv uniq csv jsonl' -d 'Add up lines that have counts already'
complete -c wc-mr -s z -l zero-terminated -d 'Lines end with NUL'
complete -c wc-mr -s i -l ignore-case -d 'Fold case'
complete -c wc-mr -s R -l recursive -d 'Take files below directories too'
complete -c wc-mr -l files0-from -r -d 'Take NUL-ended file names from a file'
complete -c wc-mr -l all -d 'In directories, take names that begin with _ or . too'
complete -c wc-mr -l force-bytes -d 'Count UTF-16, zip, tar... files as they are'
complete -c wc-mr -l encoding -x -d 'Decode all input'
complete -c wc-mr -s n -l top -x -d 'Write the first N only'
complete -c wc-mr -l exclude-from -r -d 'Drop the words in a file'
complete -c wc-mr -l only-from -r -d 'Drop all but the words in a file'
complete -c wc-mr -l min-length -x -d 'Drop words of fewer characters'
complete -c wc-mr -l max-length -x -d 'Drop words of more characters'
complete -c wc-mr -l min-count -x -d 'Drop rarer words'
complete -c wc-mr -l max-count -x -d 'Drop more frequent words'
complete -c wc-mr -l drop-numeric -d 'Drop words that are numeric'
complete -c wc-mr -n 'not __wc_mr_job' -l sort -x -a 'count word first' -d 'Order'
complete -c wc-mr -l reverse -d 'The order from its end'
complete -c wc-mr -n 'not __wc_mr_job' -l format -x -a 'tsv csv jsonl colon uniq lines keys' \
    -d 'Output format'
complete -c wc-mr -l by-file -d 'Each file apart, its name in a first column'
complete -c wc-mr -l documents -d 'In how many files a word stands, in one more column'
complete -c wc-mr -l min-documents -x -d 'With --documents, drop words of fewer files'
complete -c wc-mr -l max-documents -x -d 'With --documents, drop words of more files'
complete -c wc-mr -l percent -d 'The share of all, in one more column'
complete -c wc-mr -l others -d 'What is left out, in a last line'
complete -c wc-mr -s o -l output -r -d 'Write to a file'
complete -c wc-mr -s O -l output-dir -x -a '(__fish_complete_directories)' \
    -d 'Write parts into a new directory'
complete -c wc-mr -s m -l mappers -x -d 'Mapper processes at once'
complete -c wc-mr -s r -l reducers -x -d 'Partitions and reducer processes'
complete -c wc-mr -s S -l memory -x -a '25% 50% 256M 1G 4G' -d 'Memory of all processes together'
complete -c wc-mr -s T -l temp-dir -x -a '(__fish_complete_directories)' \
    -d 'Directory for temporary files'
complete -c wc-mr -l split-size -x -a '16M 64M 256M' -d 'Input of one map task'
complete -c wc-mr -l overwrite -d 'Replace an earlier output directory'
complete -c wc-mr -l ordered-parts -d 'Parts that are in order one after the other'
complete -c wc-mr -l compress -d 'Deflate what is shuffled'
complete -c wc-mr -l max-attempts -x -d 'Tries of a task'
complete -c wc-mr -l skip-bad-records -x -d 'Records to pass over that a job crashes at'
complete -c wc-mr -l bad-records -r -d 'File for which were passed over'
complete -c wc-mr -l task-timeout -x -d 'Seconds without progress that end a try'
complete -c wc-mr -l work-dir -x -a '(__fish_complete_directories)' -d 'Keep what is done there'
complete -c wc-mr -l resume -d 'Go on with what is done in the work directory'
complete -c wc-mr -l chaos -x -d 'Kill and damage some of the work'
complete -c wc-mr -l dry-run -d 'Say what would be done'
complete -c wc-mr -l stats -f -a 'json' -d 'Report bytes, words, speed and memory'
complete -c wc-mr -s v -l verbose -d 'Report each task'
complete -c wc-mr -l trace -r -d 'Write what each process did when'
complete -c wc-mr -l report -r -d 'Write a page about the run'
complete -c wc-mr -l progress -x -a 'auto always never json' -d 'Say how far it is'
complete -c wc-mr -l kernel -x -a 'auto portable avx2 neon' -d 'Instructions to find words with'
complete -c wc-mr -l mapper -x -a '(__fish_complete_command)' -d 'A program that gets the lines'
complete -c wc-mr -l combiner -x -a '(__fish_complete_command)' \
    -d 'A program that gets some of what a mapper writes'
complete -c wc-mr -l reducer -x -a '(__fish_complete_command)' \
    -d 'A program that gets what mappers write'
complete -c wc-mr -l job -r -a '(wc-mr --list-jobs | string replace -r " +" \t)' \
    -d 'Another job, or one of a file; the first argument'
complete -c wc-mr -l list-jobs -d 'Show which jobs there are'
complete -c wc-mr -s h -l help -f -a 'all' -d 'Show the options'
complete -c wc-mr -s V -l version -d 'Show the version'

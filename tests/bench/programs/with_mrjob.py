"""Counts words as mrjob's own example does. usage: with_mrjob.py -r local --delimiter D PATH...

Prints word<tab>count in no order: mrjob sorts by word only.
"""
from mrjob.job import MRJob
from mrjob.protocol import TextProtocol


class WordCount(MRJob):
    OUTPUT_PROTOCOL = TextProtocol

    def configure_args(self):
        super().configure_args()
        self.add_passthru_arg("--delimiter", default=None)

    def mapper(self, _, line):
        for word in line.split(self.options.delimiter or None):
            yield word, 1

    def combiner(self, word, counts):
        yield word, sum(counts)

    def reducer(self, word, counts):
        yield word, str(sum(counts))


if __name__ == "__main__":
    WordCount.run()

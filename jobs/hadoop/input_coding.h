/* Whether an input is compressed: wc-mr decodes it, but what stands where in it is not known. */
#ifndef HADOOP_INPUT_CODING_H
#define HADOOP_INPUT_CODING_H

#include <stdbool.h>

/* By what the file begins with. Of one that cannot be read, who reads on will say so. */
bool input_is_compressed(const char *path);

#endif

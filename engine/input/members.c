/* Walks through the members of a compressed file. */
#include "input/members.h"

void mr_members_begin(struct mr_members *m, const struct mr_source *source, int fd,
                      const struct mr_coding *coding)
{
    *m = (struct mr_members){ .peek = { .source = source, .fd = fd }, .coding = coding };
}

static int next_block(struct mr_members *m, struct mr_error *err)
{
    const struct mr_coded_blocks *blocks = m->coding->blocks;
    int found = m->blocks ? 1 : blocks->open(&m->blocks, m->peek.source, m->peek.fd, err);
    return found > 0 ? blocks->next(m->blocks, &m->member) : found;
}

int mr_members_next(struct mr_members *m, struct mr_error *err)
{
    const unsigned char *head;
    m->at += m->member.size;
    m->text += m->member.holds;
    if (m->coding->blocks != NULL)
        return next_block(m, err);
    int found = mr_peek_at(&m->peek, m->at, MR_CODING_HEAD, &head, err);
    if (found <= 0)
        return found;
    const struct mr_coding *c = mr_coding_find(head, MR_CODING_HEAD);
    if (c == NULL || c->measure == NULL || !mr_coding_follows(c, m->coding))
        return 0;
    return c->measure(m, err);
}

void mr_members_end(struct mr_members *m)
{
    if (m->blocks != NULL)
        m->coding->blocks->close(m->blocks);
    m->blocks = NULL;
}

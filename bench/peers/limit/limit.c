/* The limit: the system calls of an echo and next to nothing between them.
 *
 * One thread, one epoll, one timer for all connections. The delay is the same for all, so that what
 * is due needs no heap: two queues in the order of hearing, of all connections together. All that
 * is due on a connection is sent by one send; what the kernel does not take is kept.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <locale.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

enum { READ_SIZE = 65536, LONGEST_LINE = 65536, MOST_HELD = 1 << 20, EVENTS = 64, STAGES = 3 };
enum { LOUD, NORMAL, QUIET };

typedef struct Connection {
    int fd;
    bool ended;    /* its input */
    bool changed;  /* is in the list of those to flush */
    bool gone;     /* closed; kept while blocks of it are in the queues */
    unsigned watched;
    size_t held, blocks; /* in the queues */
    char *partial; /* a line that has not ended yet */
    size_t partial_size;
    char *out; /* what is due and not sent */
    size_t out_from, out_size, out_room;
    struct Connection *next_changed;
} Connection;

/* The shouts of one read: whole lines, indented. */
typedef struct Block {
    Connection *connection;
    struct Block *next[STAGES];
    long long heard; /* nanoseconds */
    size_t size;
    bool ascii;
    char text[];
} Block;

static struct { Block *first, *last; } queues[STAGES];
static Connection *changed;
static long long delay;
static bool plain;
static int poller, timer, listener;
static unsigned char upper[256], lower[256];

static void *allocated(void *memory, size_t size) {
    memory = realloc(memory, size);
    if (!memory) abort();
    return memory;
}

static long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void watch(Connection *connection, unsigned events) {
    if (connection->watched == events) return;
    struct epoll_event event = {.events = events, .data.ptr = connection};
    epoll_ctl(poller, EPOLL_CTL_MOD, connection->fd, &event);
    connection->watched = events;
}

static void forget(Connection *connection) {
    if (!connection->gone) {
        close(connection->fd);
        connection->gone = true;
    }
    if (!connection->blocks && !connection->changed) {
        free(connection->partial);
        free(connection->out);
        free(connection);
    }
}

static char *room_for(Connection *connection, size_t size) {
    if (connection->out_size + size > connection->out_room) {
        connection->out_room = 2 * connection->out_room + size;
        connection->out = allocated(connection->out, connection->out_room);
    }
    if (!connection->changed) {
        connection->changed = true;
        connection->next_changed = changed;
        changed = connection;
    }
    return connection->out + connection->out_size;
}

/* What is not ASCII, rune by rune, as Go maps it; a rune can get longer. */
static void say_wide(Connection *connection, const Block *block, int stage) {
    mbstate_t in = {0}, out = {0};
    for (size_t at = 0; at < block->size;) {
        wchar_t rune;
        size_t size = mbrtowc(&rune, block->text + at, block->size - at, &in);
        char *to = room_for(connection, MB_CUR_MAX);
        if (size == (size_t)-1 || size == (size_t)-2) { /* not UTF-8: as it is */
            memset(&in, 0, sizeof in);
            *to = block->text[at++];
            connection->out_size++;
            continue;
        }
        at += size ? size : 1;
        connection->out_size += wcrtomb(to, stage == LOUD ? towupper(rune) : towlower(rune), &out);
    }
}

static void say(Block *block, int stage) {
    Connection *connection = block->connection;
    if (connection->gone) return;
    if (stage != NORMAL && !block->ascii) {
        say_wide(connection, block, stage);
        return;
    }
    unsigned char *to = (unsigned char *)room_for(connection, block->size);
    const unsigned char *table = stage == LOUD ? upper : lower;
    if (stage == NORMAL) memcpy(to, block->text, block->size);
    else for (size_t at = 0; at < block->size; at++) to[at] = table[(unsigned char)block->text[at]];
    connection->out_size += block->size;
}

static void queue(Block *block, int stage) {
    block->next[stage] = NULL;
    if (queues[stage].last) queues[stage].last->next[stage] = block;
    else queues[stage].first = block;
    queues[stage].last = block;
}

static Block *take(int stage) {
    Block *block = queues[stage].first;
    queues[stage].first = block->next[stage];
    if (!queues[stage].first) queues[stage].last = NULL;
    return block;
}

static long long due(int stage) {
    Block *block = queues[stage].first;
    return block ? block->heard + stage * delay : -1;
}

static void say_what_is_due(long long now) {
    for (;;) {
        long long normal = due(NORMAL), quiet = due(QUIET);
        if (normal >= 0 && normal <= now && (quiet < 0 || normal <= quiet)) {
            Block *block = take(NORMAL);
            say(block, NORMAL);
            queue(block, QUIET);
        } else if (quiet >= 0 && quiet <= now) {
            Block *block = take(QUIET);
            Connection *connection = block->connection;
            say(block, QUIET);
            connection->held -= block->size;
            connection->blocks--;
            if (connection->gone) forget(connection);
            free(block);
        } else {
            return;
        }
    }
}

static void hear(Connection *connection, const char *lines, size_t size, long long now) {
    size_t count = 0;
    for (const char *at = lines; (at = memchr(at, '\n', lines + size - at)); at++) count++;
    Block *block = allocated(NULL, sizeof *block + size + 2 * count);
    block->connection = connection;
    block->heard = now;
    char *to = block->text;
    unsigned char all = 0;
    for (const char *line = lines, *end; line < lines + size; line = end + 1) {
        end = memchr(line, '\n', lines + size - line);
        size_t length = end - line;
        if (length && line[length - 1] == '\r') length--;
        *to++ = '\t';
        *to++ = ' ';
        for (size_t at = 0; at < length; at++) all |= to[at] = line[at];
        to += length;
        *to++ = '\n';
    }
    block->size = to - block->text;
    block->ascii = all < 0x80;
    connection->held += block->size;
    connection->blocks++;
    say(block, LOUD);
    queue(block, NORMAL);
}

/* The lines of one read, and of what was left of the one before. */
static void take_lines(Connection *connection, char *data, size_t size, long long now) {
    char *last = memrchr(data, '\n', size);
    size_t whole = last ? last + 1 - data : 0, rest = size - whole;
    if (whole && connection->partial_size) {
        size_t all = connection->partial_size + whole;
        connection->partial = allocated(connection->partial, all);
        memcpy(connection->partial + connection->partial_size, data, whole);
        hear(connection, connection->partial, all, now);
        connection->partial_size = 0;
    } else if (whole) {
        hear(connection, data, whole, now);
    }
    if (rest) {
        connection->partial = allocated(connection->partial, connection->partial_size + rest + 1);
        memcpy(connection->partial + connection->partial_size, data + whole, rest);
        connection->partial_size += rest;
        if (connection->partial_size > LONGEST_LINE + 1) { /* it ends the input */
            connection->partial_size = 0;
            connection->ended = true;
        }
    }
}

static void receive(Connection *connection) {
    static char data[READ_SIZE];
    ssize_t size = recv(connection->fd, data, sizeof data, 0);
    long long now = now_ns(); /* not before: a client may have sent it while others were heard */
    say_what_is_due(now);
    if (size < 0) {
        if (errno != EAGAIN) forget(connection);
        return;
    }
    connection->ended = !size;
    if (plain && size) {
        memcpy(room_for(connection, size), data, size);
        connection->out_size += size;
    } else if (size) {
        take_lines(connection, data, size, now);
    } else if (connection->partial_size) {
        connection->partial[connection->partial_size] = '\n';
        hear(connection, connection->partial, connection->partial_size + 1, now);
        connection->partial_size = 0;
    }
    room_for(connection, 0); /* flush looks at it, also if nothing is to be said */
}

static void flush(Connection *connection) {
    size_t unsent = connection->out_size - connection->out_from;
    if (unsent) {
        ssize_t sent = send(connection->fd, connection->out + connection->out_from, unsent, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            forget(connection);
            return;
        }
        if (sent > 0) connection->out_from += sent;
        unsent = connection->out_size - connection->out_from;
        if (!unsent) {
            free(connection->out);
            connection->out = NULL;
            connection->out_from = connection->out_size = connection->out_room = 0;
        }
    }
    if (connection->ended && !unsent && !connection->blocks) {
        forget(connection);
        return;
    }
    bool reads = !connection->ended && connection->held + unsent <= MOST_HELD;
    watch(connection, (reads ? EPOLLIN : 0) | (unsent ? EPOLLOUT : 0));
}

static void flush_all(void) {
    while (changed) {
        Connection *connection = changed;
        changed = connection->next_changed;
        connection->changed = false;
        if (connection->gone) forget(connection);
        else flush(connection);
    }
}

static void accept_all(void) {
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        Connection *connection = calloc(1, sizeof *connection);
        if (!connection) abort();
        connection->fd = fd;
        connection->watched = EPOLLIN;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

/* Set the timer to the next due instant, if that has changed. */
static void set_timer(void) {
    static long long set;
    long long normal = due(NORMAL), quiet = due(QUIET);
    long long next = normal < 0 || (quiet >= 0 && quiet < normal) ? quiet : normal;
    if (next < 0 || next == set) return;
    struct itimerspec at = {.it_value = {next / 1000000000, next % 1000000000}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
    set = next;
}

static void run(void) {
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(poller, events, EVENTS, -1);
        for (int each = 0; each < count; each++) {
            Connection *connection = events[each].data.ptr;
            if (connection == (void *)&listener) {
                accept_all();
            } else if (connection == (void *)&timer) {
                unsigned long long times;
                if (read(timer, &times, sizeof times) < 0) continue;
            } else if (!connection->gone) {
                if (events[each].events & EPOLLOUT) room_for(connection, 0);
                if (events[each].events & EPOLLIN) receive(connection);
                else if (events[each].events & (EPOLLERR | EPOLLHUP)) forget(connection);
            }
        }
        say_what_is_due(now_ns());
        flush_all();
        set_timer();
    }
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

int main(int count, char **words) {
    char host[64] = "127.0.0.1";
    int port = 8000;
    double seconds = 1;
    for (int each = 1; each < count; each++) {
        if (!strcmp(words[each], "-plain")) plain = true;
        else if (sscanf(words[each], "-address=%63[^:]:%d", host, &port) == 2) continue;
        else if (sscanf(words[each], "-delay=%lf", &seconds) == 1) continue;
        else return fprintf(stderr, "limit: %s is no option\n", words[each]), 2;
    }
    delay = seconds * 1e9;
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    for (int each = 0; each < 256; each++) {
        upper[each] = each >= 'a' && each <= 'z' ? each - 32 : each;
        lower[each] = each >= 'A' && each <= 'Z' ? each + 32 : each;
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) fail(host);
    int yes = 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* connections inherit it */
    if (bind(listener, (struct sockaddr *)&address, sizeof address)) fail("bind");
    if (listen(listener, 4096)) fail("listen");
    poller = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &listener};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    event.data.ptr = &timer;
    epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event);
    run();
}

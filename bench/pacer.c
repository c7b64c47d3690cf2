/* The yardstick beside which our own pacing is shown: AudioSocket calls in C, one epoll loop, Linux.
 *
 *   pacer receive CALLS SECONDS       echoes CALLS calls; prints its port, then the gaps between their frames
 *   pacer send PORT CALLS SECONDS     makes CALLS calls: a frame of 323 bytes each every 20 ms, in slots of 1 ms
 *
 * Both count SECONDS, from half a second after the last call stood, and print one line of JSON. Both end by
 * themselves, whatever the other side does.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 323, HEADER = 3, MEDIA = 0x10, MOST_CALLS = 4096, SLOTS = 20, BUCKETS = 200000 };

static const int64_t SECOND = 1000000000, PERIOD = 20000000, SLOT = 1000000, SETTLE = 500000000;
static const int64_t BUCKET = 10000; /* 10 us, up to 2 s */

typedef struct {
    int fd;
    size_t held;
    int64_t last;
    unsigned char data[8192];
} call_t;

static call_t calls[MOST_CALLS];
static uint32_t histogram[BUCKETS + 1];
static int64_t counted, most;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static double cpu(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what) {
    fprintf(stderr, "pacer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void count(int64_t value) {
    int64_t bucket = value < 0 ? 0 : value / BUCKET;
    histogram[bucket < BUCKETS ? bucket : BUCKETS]++;
    counted++;
    if (value > most) most = value;
}

/* In ms, by nearest rank. */
static double percentile(double percent) {
    int64_t seen = 0, rank = (int64_t)(counted * percent / 100 + 0.999999);
    for (int64_t i = 0; i < BUCKETS; i++)
        if ((seen += histogram[i]) >= rank && seen) return (i + 0.5) * BUCKET / 1e6;
    return most / 1e6;
}

static void print_histogram(const char *of) {
    printf("\"%s\": {\"n\": %lld, \"p50\": %.2f, \"p99\": %.2f, \"p99.9\": %.2f, \"max\": %.2f}", of,
           (long long)counted, percentile(50), percentile(99), percentile(99.9), most / 1e6);
}

static void watch(int poll, int fd, uint32_t what) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = what};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

static void prepare(int fd) {
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* ---- receive ------------------------------------------------------------------------------------------- */

/* Takes what arrived for one call and echoes its media frames; returns 0 when the call is over. */
static int take(call_t *call, int64_t from, int64_t until) {
    ssize_t got = recv(call->fd, call->data + call->held, sizeof call->data - call->held, 0);
    if (got < 0 && errno == EAGAIN) return 1;
    if (got <= 0) return 0;
    int64_t at = now();
    size_t start = 0;
    call->held += got;
    while (call->held - start >= HEADER) {
        unsigned char *frame = call->data + start;
        size_t size = HEADER + (frame[1] << 8 | frame[2]);
        if (size > sizeof call->data) return 0;
        if (call->held - start < size) break;
        start += size;
        if (frame[0] != MEDIA) continue;
        if (call->last >= from && at <= until) count(at - call->last);
        call->last = at;
        if (send(call->fd, frame, size, MSG_NOSIGNAL) != (ssize_t)size) return 0;
    }
    memmove(call->data, call->data + start, call->held - start);
    call->held -= start;
    return 1;
}

static void receive(int wanted, double seconds) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 1024)) fail("listen");
    getsockname(listener, (struct sockaddr *)&here, &size);
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    watch(poll, listener, MOST_CALLS);
    int stood = 0, over = 0, early = 0;
    int64_t from = INT64_MAX, until = INT64_MAX;
    struct epoll_event events[256];
    while (over < wanted) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.u32 == MOST_CALLS) {
                int fd;
                while (stood < wanted && (fd = accept(listener, NULL, NULL)) >= 0) {
                    prepare(fd);
                    calls[stood].fd = fd;
                    watch(poll, fd, stood++);
                }
                if (stood == wanted && from == INT64_MAX) {
                    from = now() + SETTLE;
                    until = from + (int64_t)(seconds * SECOND);
                }
            } else {
                call_t *call = &calls[events[i].data.u32];
                if (!take(call, from, until)) {
                    if (now() < until) early++;
                    close(call->fd);
                    over++;
                }
            }
        }
    }
    printf("{");
    print_histogram("gap");
    printf(", \"ended_early\": %d}\n", early);
}

/* ---- send ---------------------------------------------------------------------------------------------- */

static void place(int poll, int index, int port) {
    struct sockaddr_in there = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned char uuid[HEADER + 16] = {0x01, 0, 16, [HEADER + 14] = index >> 8, [HEADER + 15] = index & 255};
    int fd = calls[index].fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&there, sizeof there)) fail("connect");
    prepare(fd);
    if (send(fd, uuid, sizeof uuid, MSG_NOSIGNAL) != sizeof uuid) fail("send of a UUID");
    watch(poll, fd, index);
}

static void send_all(int port, int wanted, double seconds) {
    static unsigned char frame[FRAME] = {MEDIA, 320 >> 8, 320 & 255}, sink[65536];
    int poll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    int64_t sent = 0, received = 0, skipped = 0, sent_before = 0, received_before = 0, skipped_before = 0;
    double cpu_before = 0;
    for (int i = 0; i < wanted; i++) place(poll, i, port);
    watch(poll, timer, MOST_CALLS);
    int slots = wanted < SLOTS ? wanted : SLOTS, counting = 0;
    int64_t due[SLOTS], from = now() + SETTLE, until = from + (int64_t)(seconds * SECOND);
    for (int s = 0; s < slots; s++) due[s] = now() + SLOT * (s + 1);
    struct epoll_event events[256];
    for (;;) {
        int64_t next = INT64_MAX, at = now();
        if (!counting && at >= from) {
            counting = 1;
            cpu_before = cpu(), sent_before = sent, received_before = received, skipped_before = skipped;
        }
        if (at >= until + PERIOD) break; /* the receiver's last frame may be due a little later */
        for (int s = 0; s < slots; s++) {
            if (due[s] <= at) {
                int64_t skip = (at - due[s]) / PERIOD - 1; /* one late frame is made up for, as ours is */
                if (skip > 0) due[s] += skip * PERIOD, skipped += skip;
                for (int i = s; i < wanted; i += SLOTS) {
                    if (send(calls[i].fd, frame, FRAME, MSG_NOSIGNAL) != FRAME) fail("send of a frame");
                    sent++;
                    if (counting) count(now() - due[s]);
                }
                due[s] += PERIOD;
            }
            if (due[s] < next) next = due[s];
        }
        struct itimerspec wake = {.it_value = {next / SECOND, next % SECOND}};
        timerfd_settime(timer, TFD_TIMER_ABSTIME, &wake, NULL);
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            uint64_t times;
            if (events[i].data.u32 == MOST_CALLS) {
                if (read(timer, &times, sizeof times) < 0 && errno != EAGAIN) fail("timer");
                continue;
            }
            ssize_t got = recv(calls[events[i].data.u32].fd, sink, sizeof sink, 0);
            if (got == 0) errno = ECONNRESET;
            if (got <= 0 && errno != EAGAIN) fail("receive");
            if (got > 0) received += got;
        }
    }
    double spent = cpu() - cpu_before;
    sent -= sent_before;
    printf("{");
    print_histogram("late");
    printf(", \"frames\": %lld, \"frames_back\": %lld, \"skipped\": %lld, \"cpu_us_per_pair\": %.2f}\n", (long long)sent,
           (long long)((received - received_before) / FRAME), (long long)(skipped - skipped_before),
           spent * 1e6 / sent);
}

int main(int count_of_words, char **words) {
    int sends = count_of_words == 5 && !strcmp(words[1], "send");
    int receives = count_of_words == 4 && !strcmp(words[1], "receive");
    int wanted = sends || receives ? atoi(words[sends ? 3 : 2]) : 0;
    double seconds = sends || receives ? atof(words[sends ? 4 : 3]) : 0;
    if (wanted < 1 || wanted >= MOST_CALLS || !(seconds > 0 && seconds <= 600)) {
        fprintf(stderr, "usage: pacer receive CALLS SECONDS | pacer send PORT CALLS SECONDS\n");
        return 2;
    }
    alarm((unsigned)seconds + 20); /* never left running */
    if (sends)
        send_all(atoi(words[2]), wanted, seconds);
    else
        receive(wanted, seconds);
    return 0;
}

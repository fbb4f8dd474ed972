/*
 * Prints the kernel's numbers as the C headers of this machine define them: one NAME=value a line, decimal.
 *
 * io.longshore.sys.Kernel spells the same names in Java, where no header reaches; ConstantsTest runs this program and
 * holds every one of them equal. A constant that Java gains must be added here too, or that test fails.
 *
 * gcc -O2 -Wall -Wextra -Werror -o target/native/constants native/constants.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h> /* before netinet: newer TCP_* than glibc's netinet/tcp.h, with which it must not be mixed */
#include <netinet/in.h>
#include <sched.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

/*
 * Headers older than the kernel we run on lack these; the numbers are ABI (include/uapi/linux/in.h) and never change,
 * so the fallback cannot be wrong on a newer header: there the header's own definition is printed.
 */
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51 /* Linux 6.3 */
#endif
#ifndef IORING_SETUP_NO_SQARRAY
#define IORING_SETUP_NO_SQARRAY (1U << 16) /* Linux 6.6 */
#endif
#ifndef IORING_CQE_F_BUF_MORE
#define IORING_CQE_F_BUF_MORE (1U << 4) /* Linux 6.12 */
#endif
#ifndef IOU_PBUF_RING_INC
#define IOU_PBUF_RING_INC 2 /* Linux 6.12; an enumerator where the header has it, with the same number */
#endif

#define PRINT(name) printf("%s=%lld\n", #name, (long long) (name))
#define SIZE(label, type) printf("SIZEOF_%s=%zu\n", label, sizeof(type))
#define OFFSET(label, type, field) printf("OFFSET_%s=%zu\n", label, offsetof(type, field))

static void sockets(void) {
    PRINT(AF_UNSPEC);
    PRINT(AF_UNIX);
    PRINT(AF_INET);
    PRINT(AF_INET6);
    PRINT(AF_NETLINK);
    PRINT(SOCK_STREAM);
    PRINT(SOCK_DGRAM);
    PRINT(SOCK_RAW);
    PRINT(SOCK_NONBLOCK);
    PRINT(SOCK_CLOEXEC);
    PRINT(SHUT_RD);
    PRINT(SHUT_WR);
    PRINT(SHUT_RDWR);
    PRINT(SOMAXCONN);
    PRINT(MSG_PEEK);
    PRINT(MSG_DONTWAIT);
    PRINT(MSG_TRUNC);
    PRINT(MSG_WAITALL);
    PRINT(MSG_NOSIGNAL);
    PRINT(MSG_MORE);

    PRINT(SOL_SOCKET);
    PRINT(SO_REUSEADDR);
    PRINT(SO_REUSEPORT);
    PRINT(SO_PEERNAME);
    PRINT(SO_KEEPALIVE);
    PRINT(SO_LINGER);
    PRINT(SO_ERROR);
    PRINT(SO_RCVBUF);
    PRINT(SO_SNDBUF);
    PRINT(SO_INCOMING_CPU);
    PRINT(SO_BUSY_POLL);

    PRINT(IPPROTO_IP);
    PRINT(IPPROTO_IPV6);
    PRINT(IPPROTO_TCP);
    PRINT(IPV6_V6ONLY);
    PRINT(IPV6_FREEBIND);
    PRINT(IP_FREEBIND);
    PRINT(IP_TRANSPARENT);
    PRINT(IP_BIND_ADDRESS_NO_PORT);
    PRINT(IP_LOCAL_PORT_RANGE);
    PRINT(INET_ADDRSTRLEN);
    PRINT(INET6_ADDRSTRLEN);

    PRINT(TCP_NODELAY);
    PRINT(TCP_CORK);
    PRINT(TCP_KEEPIDLE);
    PRINT(TCP_KEEPINTVL);
    PRINT(TCP_DEFER_ACCEPT);
    PRINT(TCP_INFO);
    PRINT(TCP_QUICKACK);
    PRINT(TCP_USER_TIMEOUT);
    PRINT(TCP_NOTSENT_LOWAT);
    PRINT(TCP_ULP);
}

static void pipes(void) {
    PRINT(O_NONBLOCK);
    PRINT(O_CLOEXEC);
    PRINT(F_SETPIPE_SZ);
    PRINT(SPLICE_F_MOVE);
    PRINT(SPLICE_F_NONBLOCK);
}

static void netlink(void) {
    PRINT(NETLINK_SOCK_DIAG);
    PRINT(SOCK_DIAG_BY_FAMILY);
    PRINT(NLM_F_REQUEST);
    PRINT(NLM_F_DUMP_INTR);
    PRINT(NLM_F_DUMP);
    PRINT(NLMSG_ERROR);
    PRINT(NLMSG_DONE);

    SIZE("NLMSGHDR", struct nlmsghdr);
    OFFSET("NLMSG_LEN", struct nlmsghdr, nlmsg_len);
    OFFSET("NLMSG_TYPE", struct nlmsghdr, nlmsg_type);
    OFFSET("NLMSG_FLAGS", struct nlmsghdr, nlmsg_flags);
    OFFSET("NLMSG_SEQ", struct nlmsghdr, nlmsg_seq);
    SIZE("INET_DIAG_REQ_V2", struct inet_diag_req_v2);
    OFFSET("SDIAG_FAMILY", struct inet_diag_req_v2, sdiag_family);
    OFFSET("SDIAG_PROTOCOL", struct inet_diag_req_v2, sdiag_protocol);
    OFFSET("SDIAG_STATES", struct inet_diag_req_v2, idiag_states);
    OFFSET("SDIAG_REMOTE_PORT", struct inet_diag_req_v2, id.idiag_dport);
    SIZE("INET_DIAG_MSG", struct inet_diag_msg);
    OFFSET("IDIAG_FAMILY", struct inet_diag_msg, idiag_family);
    OFFSET("IDIAG_STATE", struct inet_diag_msg, idiag_state);
    OFFSET("IDIAG_LOCAL_PORT", struct inet_diag_msg, id.idiag_sport);
    OFFSET("IDIAG_REMOTE_PORT", struct inet_diag_msg, id.idiag_dport);
    OFFSET("IDIAG_LOCAL", struct inet_diag_msg, id.idiag_src);
    OFFSET("IDIAG_REMOTE", struct inet_diag_msg, id.idiag_dst);
    OFFSET("IDIAG_UID", struct inet_diag_msg, idiag_uid);
    OFFSET("IDIAG_INODE", struct inet_diag_msg, idiag_inode);
}

static void ioUring(void) {
    PRINT(POLLIN);
    PRINT(POLLOUT);
    PRINT(POLLERR);
    PRINT(POLLHUP);
    PRINT(POLLRDHUP);
    PRINT(EFD_CLOEXEC);
    PRINT(EFD_NONBLOCK);
    PRINT(IORING_SETUP_CQSIZE);
    PRINT(IORING_SETUP_CLAMP);
    PRINT(IORING_SETUP_SUBMIT_ALL);
    PRINT(IORING_SETUP_SINGLE_ISSUER);
    PRINT(IORING_SETUP_DEFER_TASKRUN);
    PRINT(IORING_SETUP_NO_SQARRAY);
    PRINT(IORING_FEAT_SINGLE_MMAP);
    PRINT(IORING_FEAT_NODROP);
    PRINT(IORING_FEAT_EXT_ARG);
    PRINT(IORING_FEAT_CQE_SKIP);
    PRINT(IORING_OFF_SQ_RING);
    PRINT(IORING_OFF_SQES);
    PRINT(IORING_SQ_CQ_OVERFLOW);
    PRINT(IORING_ENTER_GETEVENTS);
    PRINT(IORING_ENTER_EXT_ARG);
    PRINT(IORING_REGISTER_PBUF_RING);
    PRINT(IOU_PBUF_RING_INC);
    PRINT(IORING_OP_POLL_ADD);
    PRINT(IORING_OP_ACCEPT);
    PRINT(IORING_OP_ASYNC_CANCEL);
    PRINT(IORING_OP_CLOSE);
    PRINT(IORING_OP_SEND);
    PRINT(IORING_OP_RECV);
    PRINT(IOSQE_BUFFER_SELECT);
    PRINT(IOSQE_CQE_SKIP_SUCCESS);
    PRINT(IORING_POLL_ADD_MULTI);
    PRINT(IORING_RECVSEND_POLL_FIRST);
    PRINT(IORING_RECV_MULTISHOT);
    PRINT(IORING_ACCEPT_MULTISHOT);
    PRINT(IORING_CQE_F_BUFFER);
    PRINT(IORING_CQE_F_MORE);
    PRINT(IORING_CQE_F_BUF_MORE);
    PRINT(IORING_CQE_BUFFER_SHIFT);

    SIZE("URING_PARAMS", struct io_uring_params);
    OFFSET("PARAMS_FLAGS", struct io_uring_params, flags);
    OFFSET("PARAMS_FEATURES", struct io_uring_params, features);
    OFFSET("PARAMS_SQ_OFF", struct io_uring_params, sq_off);
    OFFSET("PARAMS_CQ_OFF", struct io_uring_params, cq_off);
    SIZE("SQE", struct io_uring_sqe);
    OFFSET("SQE_FLAGS", struct io_uring_sqe, flags);
    OFFSET("SQE_IOPRIO", struct io_uring_sqe, ioprio);
    OFFSET("SQE_FD", struct io_uring_sqe, fd);
    OFFSET("SQE_ADDR", struct io_uring_sqe, addr);
    OFFSET("SQE_LEN", struct io_uring_sqe, len);
    OFFSET("SQE_OP_FLAGS", struct io_uring_sqe, msg_flags);
    OFFSET("SQE_USER_DATA", struct io_uring_sqe, user_data);
    OFFSET("SQE_BUF_GROUP", struct io_uring_sqe, buf_group);
    SIZE("CQE", struct io_uring_cqe);
    OFFSET("CQE_RES", struct io_uring_cqe, res);
    OFFSET("CQE_FLAGS", struct io_uring_cqe, flags);
}

static void layouts(void) {
    SIZE("SOCKADDR_IN", struct sockaddr_in);
    OFFSET("SIN_FAMILY", struct sockaddr_in, sin_family);
    OFFSET("SIN_PORT", struct sockaddr_in, sin_port);
    OFFSET("SIN_ADDR", struct sockaddr_in, sin_addr);
    SIZE("SOCKADDR_IN6", struct sockaddr_in6);
    OFFSET("SIN6_FAMILY", struct sockaddr_in6, sin6_family);
    OFFSET("SIN6_PORT", struct sockaddr_in6, sin6_port);
    OFFSET("SIN6_FLOWINFO", struct sockaddr_in6, sin6_flowinfo);
    OFFSET("SIN6_ADDR", struct sockaddr_in6, sin6_addr);
    OFFSET("SIN6_SCOPE_ID", struct sockaddr_in6, sin6_scope_id);
    SIZE("SOCKADDR_UN", struct sockaddr_un);
    OFFSET("SUN_PATH", struct sockaddr_un, sun_path);
    SIZE("SOCKADDR_STORAGE", struct sockaddr_storage);
    SIZE("LINGER", struct linger);
    OFFSET("L_ONOFF", struct linger, l_onoff);
    OFFSET("L_LINGER", struct linger, l_linger);
    SIZE("RLIMIT", struct rlimit);
    OFFSET("RLIM_CUR", struct rlimit, rlim_cur);
    OFFSET("RLIM_MAX", struct rlimit, rlim_max);
    /* epoll_event is packed on x86-64 only (12 bytes), and 16 bytes elsewhere. */
    SIZE("EPOLL_EVENT", struct epoll_event);
    OFFSET("EPOLL_DATA", struct epoll_event, data);
    SIZE("CPU_SET_T", cpu_set_t);
}

static void errors(void) {
    PRINT(EPERM);
    PRINT(ENOENT);
    PRINT(EINTR);
    PRINT(EIO);
    PRINT(EBADF);
    PRINT(EAGAIN);
    PRINT(ENOMEM);
    PRINT(EACCES);
    PRINT(EFAULT);
    PRINT(EBUSY);
    PRINT(EEXIST);
    PRINT(EINVAL);
    PRINT(ENFILE);
    PRINT(EMFILE);
    PRINT(ENOSPC);
    PRINT(EPIPE);
    PRINT(ENOSYS);
    PRINT(EPROTO);
    PRINT(EOVERFLOW);
    PRINT(ENOTSOCK);
    PRINT(EDESTADDRREQ);
    PRINT(EMSGSIZE);
    PRINT(ENOPROTOOPT);
    PRINT(EPROTONOSUPPORT);
    PRINT(EOPNOTSUPP);
    PRINT(EAFNOSUPPORT);
    PRINT(EADDRINUSE);
    PRINT(EADDRNOTAVAIL);
    PRINT(ENETDOWN);
    PRINT(ENETUNREACH);
    PRINT(ENETRESET);
    PRINT(ECONNABORTED);
    PRINT(ECONNRESET);
    PRINT(ENOBUFS);
    PRINT(EISCONN);
    PRINT(ENOTCONN);
    PRINT(ETIMEDOUT);
    PRINT(ECONNREFUSED);
    PRINT(EHOSTDOWN);
    PRINT(EHOSTUNREACH);
    PRINT(EALREADY);
    PRINT(EINPROGRESS);
    PRINT(ETIME);
    PRINT(ECANCELED);
}

static void process(void) {
    PRINT(MADV_DONTNEED);
    PRINT(RLIMIT_NOFILE);
    PRINT(RLIMIT_MEMLOCK);
    PRINT(SIGHUP);
    PRINT(SIGINT);
    PRINT(SIGTERM);
    PRINT(O_NONBLOCK);
    PRINT(O_CLOEXEC);
    PRINT(F_GETFL);
    PRINT(F_SETFL);
    PRINT(F_GETFD);
    PRINT(F_SETFD);
    PRINT(FD_CLOEXEC);
    PRINT(PROT_READ);
    PRINT(PROT_WRITE);
    PRINT(MAP_SHARED);
    PRINT(MAP_PRIVATE);
    PRINT(MAP_ANONYMOUS);
    PRINT(MAP_POPULATE);
    PRINT(EPOLLIN);
    PRINT(EPOLLOUT);
    PRINT(EPOLLERR);
    PRINT(EPOLLHUP);
    PRINT(EPOLLRDHUP);
    PRINT(EPOLLET);
    PRINT(EPOLLONESHOT);
    PRINT(EPOLLEXCLUSIVE);
    PRINT(EPOLL_CTL_ADD);
    PRINT(EPOLL_CTL_MOD);
    PRINT(EPOLL_CTL_DEL);
    /* System call numbers differ by architecture: Java must take them from a table, not from this machine alone. */
    PRINT(SYS_gettid);
    PRINT(SYS_sched_setaffinity);
#ifdef SYS_io_uring_setup
    PRINT(SYS_io_uring_setup);
    PRINT(SYS_io_uring_enter);
    PRINT(SYS_io_uring_register);
#endif
}

int main(void) {
    sockets();
    pipes();
    ioUring();
    layouts();
    netlink();
    errors();
    process();
    return fflush(stdout) == 0 ? 0 : 1;
}

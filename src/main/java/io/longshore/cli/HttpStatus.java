package io.longshore.cli;

/** Reason phrases, which the JDK's client drops: RFC 9110 section 15, the ones a WebSocket handshake meets. */
final class HttpStatus {
    private HttpStatus() {}

    /** A space and the phrase, or nothing for a status that has none here. */
    static String reasonOf(int status) {
        return switch (status) {
            case 200 -> " OK";
            case 301 -> " Moved Permanently";
            case 302 -> " Found";
            case 307 -> " Temporary Redirect";
            case 308 -> " Permanent Redirect";
            case 400 -> " Bad Request";
            case 401 -> " Unauthorized";
            case 403 -> " Forbidden";
            case 404 -> " Not Found";
            case 405 -> " Method Not Allowed";
            case 407 -> " Proxy Authentication Required";
            case 408 -> " Request Timeout";
            case 413 -> " Content Too Large";
            case 414 -> " URI Too Long";
            case 426 -> " Upgrade Required";
            case 429 -> " Too Many Requests";
            case 431 -> " Request Header Fields Too Large";
            case 500 -> " Internal Server Error";
            case 502 -> " Bad Gateway";
            case 503 -> " Service Unavailable";
            case 504 -> " Gateway Timeout";
            case 505 -> " HTTP Version Not Supported";
            default -> "";
        };
    }
}

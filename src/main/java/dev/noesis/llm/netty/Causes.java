package dev.noesis.llm.netty;

import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What an exception says to people. */
final class Causes {
    private Causes() {}

    /** The words of the exception at the bottom, which knows best. */
    static String root(Throwable failure) {
        if (failure instanceof UnknownHostException) {
            return "the host is unknown";
        }
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return message == null ? root.getClass().getSimpleName() : message;
    }

    /**
     * Whether the other side ended the connection by an alert of TLS. With TLS 1.3 a server that does not take our certificate
     * says so only after the handshake.
     */
    static boolean isAlert(@Nullable Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof SSLException && isAlert(String.valueOf(t.getMessage()))) {
                return true;
            }
        }
        return false;
    }

    /** The JDK writes "fatal alert", OpenSSL "TLSV1_ALERT". */
    private static boolean isAlert(String message) {
        return message.toLowerCase(Locale.ROOT).contains("alert");
    }
}

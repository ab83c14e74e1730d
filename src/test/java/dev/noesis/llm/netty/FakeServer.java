package dev.noesis.llm.netty;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server of bytes on the loopback interface: what it says, and when, is the test's script, run once per connection. */
final class FakeServer implements AutoCloseable {
    /** What the server does with a connection, which is closed afterwards. */
    interface Script {
        void serve(Peer peer) throws IOException, InterruptedException;
    }

    private final ServerSocket server;
    private final String scheme;
    private final Script script;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile boolean closing;

    FakeServer(Script script) throws IOException {
        this("http", new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
    }

    FakeServer(String scheme, ServerSocket server, Script script) {
        this.scheme = scheme;
        this.server = server;
        this.script = script;
        threads.add(Thread.ofVirtual().start(this::accept));
    }

    /** Answers each request with the same bytes. */
    static Script always(String answer) {
        return peer -> {
            while (peer.readRequest() != null) {
                peer.send(answer);
            }
        };
    }

    /** Answers each request with that text so many times, with a pause before each. */
    static Script inPieces(String text, int times, int pauseMs) {
        return peer -> {
            while (peer.readRequest() != null) {
                peer.send(Answers.HEAD + Answers.START);
                for (int i = 0; i < times; i++) {
                    peer.goneWithin(pauseMs);
                    peer.send(Answers.delta(text));
                }
                peer.socket().setSoTimeout(0);
                peer.send(Answers.STOP_REASON + Answers.STOP + Answers.END);
            }
        };
    }

    /** A proxy's: whatever tunnel is asked for, it leads to that port of this machine. */
    static Script tunnelTo(int port, Queue<String> asked) {
        return peer -> {
            asked.add(peer.readRequest());
            peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
            Socket inner = new Socket(InetAddress.getLoopbackAddress(), port);
            Thread back = Thread.ofVirtual().start(() -> {
                try {
                    inner.getInputStream().transferTo(peer.out);
                } catch (IOException closed) {
                    // one of the two went away
                }
            });
            try {
                peer.in.transferTo(inner.getOutputStream());
            } finally {
                inner.close();
            }
            back.join();
        };
    }

    URI url() {
        return url("127.0.0.1");
    }

    URI url(String host) {
        return URI.create(scheme + "://" + host + ":" + server.getLocalPort());
    }

    /** How many were accepted so far. */
    int connections() {
        return connections.get();
    }

    private void accept() {
        while (!closing) {
            try {
                Socket socket = server.accept();
                sockets.add(socket);
                int number = connections.incrementAndGet();
                threads.add(Thread.ofVirtual().start(() -> serve(socket, number)));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            script.serve(new Peer(socket, number));
        } catch (IOException | InterruptedException e) {
            // the client went away, or the test is over: scripts that care look for themselves
        } catch (RuntimeException | Error e) {
            faults.add(e);
        }
    }

    @Override
    public void close() throws IOException {
        closing = true;
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        threads.forEach(Thread::interrupt);
        if (!faults.isEmpty()) {
            throw new AssertionError("the server's script failed", faults.peek());
        }
    }

    /** The server's end of a connection. */
    static final class Peer {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private final int number;

        private Peer(Socket socket, int number) throws IOException {
            this.socket = socket;
            this.number = number;
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
            out = socket.getOutputStream();
        }

        /** Connections are numbered from 1. */
        int number() {
            return number;
        }

        Socket socket() {
            return socket;
        }

        /** The next request with its body; null if the client has gone. */
        String readRequest() throws IOException {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                int b = in.read();
                if (b < 0) {
                    return null;
                }
                head.write(b);
            }
            String text = head.toString(StandardCharsets.ISO_8859_1);
            int length = 0;
            for (String line : text.lines().toList()) {
                if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                    length = Integer.parseInt(
                            line.substring(line.indexOf(':') + 1).strip());
                }
            }
            return text + new String(in.readNBytes(length), StandardCharsets.UTF_8);
        }

        void send(String text) throws IOException {
            send(text.getBytes(StandardCharsets.UTF_8));
        }

        void send(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        /** Closes with a reset instead of an end. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Waits that long; true if the client has closed the connection by then. */
        boolean goneWithin(int millis) throws IOException {
            socket.setSoTimeout(millis);
            try {
                return in.read() < 0;
            } catch (SocketTimeoutException stillThere) {
                return false;
            }
        }

        /** Waits until the client has closed the connection, which may be with a reset. */
        void awaitGone() {
            try {
                while (in.read() >= 0) {
                    // whatever it still says
                }
            } catch (IOException reset) {
                // gone as well
            }
        }
    }

    /** Pieces of answers. */
    static final class Answers {
        static final String HEAD = String.join(
                "\r\n",
                "HTTP/1.1 200 OK",
                "Content-Type: text/event-stream; charset=utf-8",
                "request-id: req_1",
                "Transfer-Encoding: chunked",
                "",
                "");
        static final String END = "0\r\n\r\n";
        static final String PING = chunk(event("ping", "{\"type\":\"ping\"}"));
        static final String START = chunk(
                event(
                                "message_start",
                                "{\"type\":\"message_start\",\"message\":{\"model\":\"model-a\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}")
                        + event(
                                "content_block_start",
                                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}"));
        static final String STOP_REASON = chunk(
                event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}")
                        + event(
                                "message_delta",
                                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":9}}"));
        static final String STOP = chunk(event("message_stop", "{\"type\":\"message_stop\"}"));

        private Answers() {}

        /** A whole answer of that text. */
        static String answer(String text) {
            return HEAD + START + delta(text) + STOP_REASON + STOP + END;
        }

        static String delta(String text) {
            return chunk(event(
                    "content_block_delta",
                    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""
                            + text + "\"}}"));
        }

        static String event(String name, String data) {
            return "event: " + name + "\ndata: " + data + "\n\n";
        }

        static String chunk(String text) {
            return Integer.toHexString(text.getBytes(StandardCharsets.UTF_8).length) + "\r\n" + text + "\r\n";
        }

        static String error(int status, Map<String, String> headers, String body) {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Some reason\r\n");
            headers.forEach((name, value) ->
                    head.append(name).append(": ").append(value).append("\r\n"));
            head.append("Content-Type: application/json\r\nContent-Length: ")
                    .append(body.getBytes(StandardCharsets.UTF_8).length)
                    .append("\r\n\r\n");
            return head + body;
        }

        static String errorBody(String type) {
            return "{\"type\":\"error\",\"error\":{\"type\":\"" + type
                    + "\",\"message\":\"Sorry\"},\"request_id\":\"req_9\"}";
        }
    }
}

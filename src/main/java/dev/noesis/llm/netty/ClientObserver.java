package dev.noesis.llm.netty;

/**
 * Told what a client's insides take, for those who measure it.
 *
 * <p><b>Threading.</b> Called on any thread, event loops among them: it must neither block nor throw.
 */
public interface ClientObserver {
    /** Listens to nothing. */
    ClientObserver NONE = new ClientObserver() {
        @Override
        public void waited(long nanos) {}

        @Override
        public void connected(long nanos) {}

        @Override
        public void lagged(long nanos) {}
    };

    /** A call got a connection, or the right to open one, or stopped waiting for it, after that time; 0 where it need not wait. */
    void waited(long nanos);

    /** A connection was opened and became usable, proxy and TLS included, after that time. */
    void connected(long nanos);

    /** An event loop did that much later than it should have what was due. */
    void lagged(long nanos);
}

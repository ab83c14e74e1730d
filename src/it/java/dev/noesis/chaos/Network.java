package dev.noesis.chaos;

import java.util.List;

/** How workers reach brokers and the model server. */
interface Network extends AutoCloseable {
    /** What can be cut between a worker and the rest. */
    enum Link {
        BROKERS,
        MODEL
    }

    /** The address at which that end listens. */
    String address(Link link);

    /** The command that runs a worker in its place in the network. */
    List<String> prefix(int worker);

    /** Drops every packet of that worker's link, both ways, without a word. */
    void cut(int worker, Link link);

    void join(int worker, Link link);

    boolean canCut();

    @Override
    void close();

    /** All on the loopback device: nothing to cut. */
    final class Loopback implements Network {
        @Override
        public String address(Link link) {
            return "127.0.0.1";
        }

        @Override
        public List<String> prefix(int worker) {
            return List.of();
        }

        @Override
        public void cut(int worker, Link link) {
            throw new UnsupportedOperationException("the loopback device cannot be cut");
        }

        @Override
        public void join(int worker, Link link) {
            // nothing was cut
        }

        @Override
        public boolean canCut() {
            return false;
        }

        @Override
        public void close() {
            // nothing was made
        }
    }
}

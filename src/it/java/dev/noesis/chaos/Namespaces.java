package dev.noesis.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Each worker in a network namespace of its own, joined to the machine by two bridges: brokers listen on one, the model server
 * on the other. A link is cut by taking its port off the bridge, so that packets vanish both ways and nobody is told.
 */
final class Namespaces implements Network {
    private final String id;
    private final Map<Link, String> subnets;
    private final int workers;
    private final List<Object[]> undo = new ArrayList<>();

    private Namespaces(int workers) {
        long pid = ProcessHandle.current().pid();
        this.id = "nz" + pid % 1_000_000;
        this.workers = workers;
        // two networks of a block that is set aside for tests of networks, of 256 each
        int net = (int) (pid % 256);
        this.subnets = Map.of(Link.BROKERS, "198.18." + net + ".", Link.MODEL, "198.19." + net + ".");
    }

    /** Makes them; where that cannot be done, all are on the loopback device. */
    static Network orLoopback(int workers) {
        Namespaces namespaces = new Namespaces(workers);
        try {
            namespaces.make();
            return namespaces;
        } catch (IllegalStateException e) {
            namespaces.close();
            return new Loopback();
        }
    }

    private void make() {
        for (Link link : Link.values()) {
            Commands.run("ip", "link", "add", bridge(link), "type", "bridge");
            undo.addFirst(new Object[] {"ip", "link", "del", bridge(link)});
            Commands.run("ip", "addr", "add", address(link) + "/24", "dev", bridge(link));
            Commands.run("ip", "link", "set", bridge(link), "up");
        }
        for (int worker = 0; worker < workers; worker++) {
            Commands.run("ip", "netns", "add", space(worker));
            undo.addFirst(new Object[] {"ip", "netns", "del", space(worker)});
            inside(worker, "ip", "link", "set", "lo", "up");
            for (Link link : Link.values()) {
                String inner = "to" + bridge(link);
                Commands.run(
                        "ip",
                        "link",
                        "add",
                        port(worker, link),
                        "type",
                        "veth",
                        "peer",
                        "name",
                        inner,
                        "netns",
                        space(worker));
                undo.addFirst(new Object[] {"ip", "link", "del", port(worker, link)});
                inside(worker, "ip", "addr", "add", subnets.get(link) + (10 + worker) + "/24", "dev", inner);
                inside(worker, "ip", "link", "set", inner, "up");
                join(worker, link);
                Commands.run("ip", "link", "set", port(worker, link), "up");
            }
        }
    }

    private void inside(int worker, Object... command) {
        List<Object> words = new ArrayList<>(prefix(worker));
        words.addAll(List.of(command));
        Commands.run(words.toArray());
    }

    @Override
    public String address(Link link) {
        return subnets.get(link) + "1";
    }

    @Override
    public List<String> prefix(int worker) {
        return List.of("nsenter", "--net=/run/netns/" + space(worker));
    }

    @Override
    public void cut(int worker, Link link) {
        Commands.run("ip", "link", "set", port(worker, link), "nomaster");
    }

    @Override
    public void join(int worker, Link link) {
        Commands.run("ip", "link", "set", port(worker, link), "master", bridge(link));
    }

    @Override
    public boolean canCut() {
        return true;
    }

    private String bridge(Link link) {
        return id + name(link);
    }

    private String port(int worker, Link link) {
        return id + "w" + worker + name(link);
    }

    private String space(int worker) {
        return id + "w" + worker;
    }

    private static String name(Link link) {
        return switch (link) {
            case BROKERS -> "b";
            case MODEL -> "m";
        };
    }

    @Override
    public void close() {
        undo.forEach(Commands::succeeds);
        undo.clear();
    }
}

package dev.noesis.chaos;

import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.demo.Quorum;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/** The program of one broker of a cluster: {@code HOST PORT DATA CLUSTER NODE CONTROLLER-PORT…}; nodes count from 1. */
final class BrokerNode {
    /** What it prints when it takes requests. */
    static final String READY = "broker is ready";

    private BrokerNode() {}

    public static void main(String[] args) throws InterruptedException {
        TreeMap<Integer, Integer> controllers = new TreeMap<>();
        for (int i = 5; i < args.length; i++) {
            controllers.put(i - 4, Integer.valueOf(args[i]));
        }
        EmbeddedBroker broker = EmbeddedBroker.start(EmbeddedBroker.Options.defaults()
                .withHost(args[0])
                .withPort(Integer.parseInt(args[1]))
                .withDataDir(Path.of(args[2]))
                .withQuorum(new Quorum(args[3], Integer.parseInt(args[4]), controllers)));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            broker.close();
            // to be told to stop is no failure
            Runtime.getRuntime().halt(0);
        }));
        System.out.println(READY);
        new CountDownLatch(1).await();
    }
}

package dev.noesis.chaos;

import java.time.Duration;

/** What a fault happens to. */
record Scene(Cluster cluster, Load load) {
    /** Lets time pass while the fault goes on: it is the time itself that is the fault. */
    void hold(Duration time) throws InterruptedException {
        Thread.sleep(time);
    }

    Member worker(int index) {
        return cluster.workers().get(index);
    }
}

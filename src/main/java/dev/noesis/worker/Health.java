package dev.noesis.worker;

import dev.noesis.model.Lane;
import dev.noesis.serde.Json;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whether a worker lives and is ready, in JSON.
 *
 * <p>It lives while none of its lanes has stopped for good: such a lane does not come back by itself, and whoever restarts
 * the process brings it back. It also lives while it starts, restores or drains, however long that takes: to be killed in
 * it would cost more of the same. It is ready when every lane decides for each of its partitions, and not while it drains.
 *
 * <p><b>Threading.</b> Any thread.
 */
final class Health {
    private final Set<Lane> expected;
    private final Supplier<? extends List<? extends LaneHealth>> lanes;
    private volatile boolean draining;

    /**
     * An answer.
     *
     * @param good whether to answer 200, else 503
     */
    record Report(boolean good, ObjectNode json) {}

    /**
     * @param expected the lanes that the worker runs
     * @param lanes those of them that have started; asked by any thread
     */
    Health(Set<Lane> expected, Supplier<? extends List<? extends LaneHealth>> lanes) {
        this.expected = expected;
        this.lanes = lanes;
    }

    /** From now on it is not ready. */
    void draining() {
        draining = true;
    }

    Report live() {
        List<? extends LaneHealth> started = lanes.get();
        boolean good = started.stream().allMatch(lane -> lane.failure() == null);
        return report(good, good ? "live" : "failed", started);
    }

    Report ready() {
        List<? extends LaneHealth> started = lanes.get();
        boolean all = started.size() == expected.size() && started.stream().allMatch(LaneHealth::isReady);
        boolean good = all && !draining;
        return report(good, draining ? "draining" : good ? "ready" : "not ready", started);
    }

    private Report report(boolean good, String status, List<? extends LaneHealth> started) {
        ObjectNode json = Json.object().put("status", status);
        ObjectNode all = json.putObject("lanes");
        for (Lane lane : new TreeSet<>(expected)) {
            ObjectNode of = all.putObject(lane.id());
            started.stream()
                    .filter(one -> one.lane() == lane)
                    .findFirst()
                    .ifPresentOrElse(
                            one -> tell(of, one), () -> of.put("ready", false).put("state", "STARTING"));
        }
        return new Report(good, json);
    }

    private static void tell(ObjectNode json, LaneHealth lane) {
        json.put("ready", lane.isReady()).put("state", lane.state());
        ArrayNode left = json.putArray("partitionsNotReady");
        lane.notReady().forEach(left::add);
        String failure = lane.failure();
        if (failure != null) {
            json.put("failure", failure);
        }
    }
}

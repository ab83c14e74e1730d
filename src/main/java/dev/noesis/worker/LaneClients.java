package dev.noesis.worker;

import dev.noesis.config.LaneConfig;
import dev.noesis.config.LlmTarget;
import dev.noesis.llm.LlmClient;
import dev.noesis.run.ModelTarget;
import java.util.ArrayList;
import java.util.List;

/**
 * The model clients of a lane: one for each model that it may ask, so that one provider's trouble takes no connection from
 * another's. They are started all or none.
 *
 * <p><b>Threading.</b> As {@link LlmClient}.
 */
final class LaneClients implements AutoCloseable {
    private final List<ModelTarget> models = new ArrayList<>();

    private LaneClients() {}

    /** @throws RuntimeException if one cannot be started; those before it are closed */
    static LaneClients start(LaneConfig lane, Worker.Clients clients) {
        LaneClients started = new LaneClients();
        try {
            for (LlmTarget target : lane.targets()) {
                started.models.add(ModelTarget.of(target, clients.start(lane.lane(), target)));
            }
            return started;
        } catch (RuntimeException e) {
            started.close();
            throw e;
        }
    }

    /** In the order in which they are asked. */
    List<ModelTarget> models() {
        return models;
    }

    /** The last first; one that fails to close keeps none open. */
    @Override
    public void close() {
        Closing closing = new Closing();
        models.reversed().forEach(model -> closing.then("model client " + model.name(), model.client()::close));
        closing.run();
    }
}

package dev.noesis.worker;

import dev.noesis.config.LlmTarget;
import dev.noesis.llm.ForwardingListener;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.model.Lane;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log, once, that the provider does not take the lane's calls: a wrong key fails every run, and whoever operates
 * the worker should not have to read replies to learn of it. Says it again when the status changes, or after a call that
 * succeeded.
 *
 * <p><b>Threading.</b> As {@link LlmClient}.
 */
final class RefusalNotice implements LlmClient {
    private static final Logger log = LoggerFactory.getLogger(RefusalNotice.class);
    private static final int NONE = 0;

    private final Lane lane;
    private final LlmTarget target;
    private final LlmClient client;
    /** Status of the refusal that was told; {@link #NONE} where there is nothing to tell. */
    private final AtomicInteger told = new AtomicInteger(NONE);

    RefusalNotice(Lane lane, LlmTarget target, LlmClient client) {
        this.lane = lane;
        this.target = target;
        this.client = client;
    }

    @Override
    public LlmCall start(LlmRequest request, LlmListener listener) {
        return client.start(request, new Watching(listener));
    }

    @Override
    public void close() {
        client.close();
    }

    private void ended(LlmOutcome outcome) {
        switch (outcome) {
            case LlmOutcome.Completed _ -> told.set(NONE);
            case LlmOutcome.Failed(LlmFailure failure, var _, var _)
            when isRefusal(failure.status()) -> {
                if (told.getAndSet(failure.status()) != failure.status()) {
                    log.atError()
                            .addKeyValue("lane", lane.id())
                            .addKeyValue("target", target.name())
                            .addKeyValue("status", failure.status())
                            .addKeyValue("said", failure.message())
                            .log(words(failure.status(), target.keys()) + consequence());
                }
            }
            case LlmOutcome.Failed _, LlmOutcome.Cancelled _ -> {
                // says nothing about whether calls are taken
            }
        }
    }

    private static boolean isRefusal(int status) {
        return status == 401 || status == 403 || status == 404;
    }

    private static String words(int status, String keys) {
        return switch (status) {
            case 401 -> "the model's provider does not know the API key (" + keys + "api.key)";
            case 403 -> "the model's provider does not allow the API key (" + keys + "api.key) this call";
            default -> "the model's provider has no such model or path (" + keys + "model, " + keys + "base.url)";
        };
    }

    private String consequence() {
        return target.isPrimary()
                ? ": until that is mended, every run that no fallback answers ends with model_rejected"
                : ": until that is mended, this fallback answers nothing";
    }

    private final class Watching extends ForwardingListener {
        Watching(LlmListener listener) {
            super(listener);
        }

        @Override
        public void onEnd(LlmOutcome outcome) {
            ended(outcome);
            super.onEnd(outcome);
        }
    }
}

package dev.noesis.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.config.RunConfig;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import dev.noesis.run.StreamEvent;
import dev.noesis.serde.CloudEvents;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The work that the rivals share: read a request, have the model answer it, stream its words to the events topic as they
 * come, and say what to reply. The records are those of the worker; what it does besides, to lose nothing and to answer
 * nothing twice, is left out.
 */
record Answering(LlmClient client, Producer<byte[], byte[]> producer, Topics topics) {
    private static final long TIMEOUT_MS = 60_000;
    private static final int MAX_TOKENS = 8_192;

    /** Starts the call; the reply, when the model has answered. */
    CompletableFuture<ProducerRecord<byte[], byte[]>> answer(String agent, byte[] request) {
        JsonNode input = Json.tree(request);
        String runId = input.path("runId").asString();
        LlmRequest call = new LlmRequest(
                runId,
                "model",
                MAX_TOKENS,
                RunConfig.DEFAULT_SYSTEM_PROMPT,
                List.of(new Message(
                        "m",
                        Message.Role.USER,
                        List.of(new Content.Text(
                                input.path("messages").path(0).path("content").asString())))),
                List.of(),
                new LlmRequest.ToolChoice.Auto(),
                TIMEOUT_MS);
        Stream stream = new Stream(agent, input.path("threadId").asString(), runId);
        client.start(call, stream);
        return stream.reply;
    }

    /** Waits for the model and for the broker to have the reply. */
    void answerAndReply(String agent, byte[] request) {
        try {
            producer.send(answer(agent, request).join()).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One answer. Its client calls it, one thread at a time. */
    private final class Stream implements LlmListener {
        private final String agent;
        private final String threadId;
        private final String runId;
        private final String traceparent;
        private final CompletableFuture<ProducerRecord<byte[], byte[]>> reply = new CompletableFuture<>();
        private long seq;

        Stream(String agent, String threadId, String runId) {
            this.agent = agent;
            this.threadId = threadId;
            this.runId = runId;
            this.traceparent = CloudEvents.traceparent(agent, runId);
        }

        @Override
        public void onText(String delta) {
            long now = System.currentTimeMillis();
            StreamEvent event = new StreamEvent(
                    "TEXT_MESSAGE_CONTENT",
                    agent,
                    threadId,
                    runId,
                    0,
                    new Attempt(0, 0),
                    seq++,
                    traceparent,
                    Json.object().put("messageId", runId + "/0").put("delta", delta));
            producer.send(record(topics.chatEvents(), event.id(), event.type(), event.json(now), now));
        }

        @Override
        public void onEnd(LlmOutcome outcome) {
            long now = System.currentTimeMillis();
            boolean isAnswer = outcome instanceof LlmOutcome.Completed;
            String type = isAnswer ? "RUN_FINISHED" : "RUN_ERROR";
            ObjectNode event = Json.object()
                    .put("type", type)
                    .put("timestamp", now)
                    .put("threadId", threadId)
                    .put("runId", runId);
            if (outcome instanceof LlmOutcome.Completed completed) {
                event.putObject("result")
                        .putArray("messages")
                        .addObject()
                        .put("id", runId + "/0")
                        .put("role", "assistant")
                        .put("content", new Message("m", Message.Role.ASSISTANT, completed.content()).text());
            } else {
                event.put("message", outcome.toString());
            }
            event.putObject("usage").put("outputTokens", outcome.usage().outputTokens());
            reply.complete(record(topics.chatReplies(), runId, type, Json.write(event), now));
        }

        private ProducerRecord<byte[], byte[]> record(String topic, String id, String type, byte[] json, long now) {
            return new ProducerRecord<>(
                    topic,
                    null,
                    agent.getBytes(UTF_8),
                    json,
                    CloudEvents.headers(id, "dev.noesis." + type, "rival", agent, now, traceparent));
        }

        @Override
        public void onReasoning(String delta) {}

        @Override
        public void onToolStart(int index, String id, String name) {}

        @Override
        public void onToolArguments(int index, String delta) {}

        @Override
        public void onToolEnd(int index) {}
    }
}

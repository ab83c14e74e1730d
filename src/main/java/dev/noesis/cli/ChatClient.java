package dev.noesis.cli;

import dev.noesis.serde.Json;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Talks with one agent through the topics: publishes to {@code chat.requests}, follows {@code chat.events}, and ends each run with
 * its record of {@code chat.replies}, which it reads committed. Several runs may go on at once.
 *
 * <p><b>Threading.</b> Any number of threads may send and cancel. Two threads read, one for each topic; they call the listeners and
 * complete the replies. {@link #close} waits for them, and what still runs then is completed exceptionally; it goes on at the worker.
 */
public final class ChatClient implements AutoCloseable {
    private static final Duration POLL = Duration.ofSeconds(1);

    /** After a note that a run had ended, its reply may still be on its way, in a transaction that is not committed. */
    private static final Duration REPLY_OF_KNOWN_RUN = Duration.ofSeconds(5);

    private final String requests;
    private final AgentWriter writer;
    private final Follower events;
    private final Follower replies;
    private final Map<String, Run> runs = new ConcurrentHashMap<>();

    /** Why no reply can come any more; null while one can. */
    private volatile @Nullable CommandException failure;

    private ChatClient(String requests, AgentWriter writer, AgentReader events, AgentReader replies) {
        this.requests = requests;
        this.writer = writer;
        this.events = new Follower("noesis-chat-events", events, Run::happened);
        this.replies = new Follower("noesis-chat-replies", replies, Run::replied);
    }

    /**
     * A client that reads from now on.
     *
     * @param kafka properties of Kafka's clients, {@code bootstrap.servers} among them
     * @param limit longest wait for the brokers
     * @throws dev.noesis.topics.TopicException if no broker answers, or a topic is missing
     */
    public static ChatClient open(Map<String, String> kafka, Topics topics, String agent, Duration limit) {
        int partitions = new TopicAdmin(kafka, limit)
                .partitions(List.of(topics.chatRequests(), topics.chatEvents(), topics.chatReplies()));
        AgentReader events =
                AgentReader.fromEnd(kafka, topics.chatEvents(), agent, partitions, IsolationLevel.READ_UNCOMMITTED);
        AgentReader replies;
        try {
            replies =
                    AgentReader.fromEnd(kafka, topics.chatReplies(), agent, partitions, IsolationLevel.READ_COMMITTED);
        } catch (RuntimeException e) {
            events.close();
            throw e;
        }
        var client = new ChatClient(topics.chatRequests(), new AgentWriter(kafka, agent), events, replies);
        client.events.thread.start();
        client.replies.thread.start();
        return client;
    }

    /**
     * Asks, under a new run id, and returns when the brokers have the request.
     *
     * @throws CommandException if they do not take it
     */
    public Run send(String threadId, String text, ChatListener listener) {
        ObjectNode input = Json.object()
                .put("threadId", threadId)
                .put("runId", UUID.randomUUID().toString());
        input.putArray("messages")
                .addObject()
                .put("id", UUID.randomUUID().toString())
                .put("role", "user")
                .put("content", text);
        return send(input, listener);
    }

    /**
     * Publishes a run input as it is.
     *
     * @param input with {@code threadId} and {@code runId}, which none of this client's open runs has
     * @throws CommandException if the brokers do not take it
     */
    public Run send(ObjectNode input, ChatListener listener) {
        var run = new Run(input.path("threadId").asString(), input.path("runId").asString(), listener);
        if (runs.putIfAbsent(run.runId, run) != null) {
            throw new IllegalArgumentException("the run " + run.runId + " goes on already");
        }
        var _ = run.reply.whenComplete((reply, failure) -> runs.remove(run.runId));
        CommandException unreadable = failure;
        if (unreadable != null) {
            run.reply.completeExceptionally(unreadable);
            throw unreadable;
        }
        try {
            writer.publish(requests, input);
        } catch (RuntimeException e) {
            run.reply.completeExceptionally(e);
            throw e;
        }
        return run;
    }

    @Override
    public void close() {
        events.stop();
        replies.stop();
        fail(new CommandException("the client was closed before the reply came"));
        writer.close();
    }

    private void fail(CommandException failure) {
        this.failure = failure;
        runs.values().forEach(run -> run.reply.completeExceptionally(failure));
    }

    /** One run that was asked for. */
    public final class Run {
        private final String threadId;
        private final String runId;
        private final ChatListener listener;
        private final ChatStream stream = new ChatStream();
        private final CompletableFuture<ChatReply> reply = new CompletableFuture<>();

        private Run(String threadId, String runId, ChatListener listener) {
            this.threadId = threadId;
            this.runId = runId;
            this.listener = listener;
        }

        public String runId() {
            return runId;
        }

        /** Completes with the reply, after the listener's last call; exceptionally if the topics can no longer be read. */
        public CompletableFuture<ChatReply> reply() {
            return reply.copy();
        }

        /**
         * Asks for the run's end, and returns when the brokers have that; the reply then says whether the run had ended before.
         *
         * @throws CommandException if they do not take it
         */
        public void cancel(String reason) {
            writer.publish(
                    requests,
                    Json.object()
                            .put("type", "cancel")
                            .put("threadId", threadId)
                            .put("runId", runId)
                            .put("reason", reason));
        }

        private synchronized void happened(JsonNode event) {
            if (reply.isDone()) {
                return;
            }
            for (ChatUpdate update : stream.fold(event)) {
                listener.updated(update);
                if (update instanceof ChatUpdate.Duplicate duplicate && duplicate.outcome() != null) {
                    var _ = reply.completeOnTimeout(
                            new ChatReply.AlreadyEnded(runId, duplicate.outcome()),
                            REPLY_OF_KNOWN_RUN.toMillis(),
                            TimeUnit.MILLISECONDS);
                }
            }
        }

        private synchronized void replied(JsonNode record) {
            ChatReply end = ChatReply.of(record);
            if (end != null) {
                reply.complete(end);
            }
        }
    }

    /** A thread that hands one topic's records to the runs they belong to. */
    private final class Follower {
        private final AgentReader reader;
        private final BiConsumer<Run, JsonNode> receive;
        private final Thread thread;
        private volatile boolean stopped;

        Follower(String name, AgentReader reader, BiConsumer<Run, JsonNode> receive) {
            this.reader = reader;
            this.receive = receive;
            this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::follow);
        }

        void stop() {
            stopped = true;
            reader.wakeup();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void follow() {
            try (reader) {
                while (!stopped) {
                    reader.poll(POLL).forEach(record -> deliver(record.value()));
                }
            } catch (WakeupException e) {
                // stopped
            } catch (RuntimeException e) {
                // Kafka's, or a listener's; either way nobody reads any more, and those who wait must know
                fail(new CommandException("the answer can no longer be read: " + e.getMessage(), e));
            }
        }

        private void deliver(byte @Nullable [] value) {
            JsonNode record;
            try {
                record = value == null ? Json.object() : Json.tree(value);
            } catch (JacksonException e) {
                return;
            }
            Run run = runs.get(record.path("runId").asString(""));
            if (run != null) {
                receive.accept(run, record);
            }
        }
    }
}

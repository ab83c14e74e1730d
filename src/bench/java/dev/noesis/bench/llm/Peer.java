package dev.noesis.bench.llm;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A client under measurement, behind the least that all of them have in common. */
interface Peer extends AutoCloseable {
    /** Hears one answer. */
    interface Ear {
        /** A piece of text, as the client's user gets it. */
        void text(String delta);

        /** The call is over: null for a success, else how the client told of the failure. */
        void end(@Nullable String failure);
    }

    /** Streams an answer; returns at once. */
    void ask(String model, Ear ear);

    @Override
    void close();

    /**
     * What every client is told.
     *
     * @param silence the longest silence within a response, in whatever words the client has for it
     */
    record Settings(URI server, int streams, Duration silence) {
        static final String PROMPT = "Count to a thousand.";
        static final int MAX_TOKENS = 1_000;
        static final String KEY = "none";
    }

    /** Those there are. */
    enum Kind {
        NOESIS("noesis"),
        REACTOR_NETTY("reactor-netty"),
        JDK("jdk-httpclient"),
        ANTHROPIC("anthropic-java"),
        OPENAI("openai-java"),
        LANGCHAIN4J("langchain4j");

        private final String id;

        Kind(String id) {
            this.id = id;
        }

        String id() {
            return id;
        }

        static Kind of(String id) {
            for (Kind kind : values()) {
                if (kind.id.equals(id)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("there is no client named '" + id + "'");
        }

        Peer open(Settings settings) {
            return switch (this) {
                case NOESIS -> new NoesisPeer(settings);
                case REACTOR_NETTY -> new ReactorNettyPeer(settings);
                case JDK -> new JdkPeer(settings);
                case ANTHROPIC -> new AnthropicPeer(settings);
                case OPENAI -> new OpenAiPeer(settings);
                case LANGCHAIN4J -> new Langchain4jPeer(settings);
            };
        }
    }
}

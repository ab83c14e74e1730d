package dev.noesis.llm.anthropic;

import dev.noesis.llm.LlmListener;
import dev.noesis.llm.wire.AnswerSize;
import dev.noesis.llm.wire.BadStream;
import dev.noesis.llm.wire.Quote;
import dev.noesis.llm.wire.ToolArguments;
import dev.noesis.model.Content;
import org.jspecify.annotations.Nullable;

/** One content block of an answer while it is being received. */
abstract sealed class Block {
    /** What each block costs, whatever it holds: so many empty ones are bounded as well. */
    static final int OVERHEAD_BYTES = 64;

    private final AnswerSize size;
    private boolean open = true;

    private Block(AnswerSize size) {
        this.size = size;
    }

    static Block of(EventReader event, AnswerSize size) {
        return switch (event.type) {
            case "text" -> new TextBlock(size);
            case "thinking" -> new ThinkingBlock(size);
            case "redacted_thinking" -> new RedactedBlock(size);
            case "tool_use" -> new ToolBlock(event, size);
            default -> new UnknownBlock(size);
        };
    }

    final boolean open() {
        return open;
    }

    /** Takes what the start of the block already holds; true if that was some of the answer. */
    abstract boolean start(EventReader event, LlmListener listener);

    /** Takes the next piece; true if that was some of the answer. */
    abstract boolean delta(EventReader event, LlmListener listener);

    /** The block is complete. */
    void stop(LlmListener listener) {
        open = false;
    }

    /** Why the block, which is closed, cannot be used; null where it can. */
    @Nullable
    String defect() {
        return null;
    }

    /** The block gathered whole; null where it holds nothing. */
    abstract @Nullable Content content();

    /** Adds a piece, within the answer's bounds; false if it is empty. */
    final boolean gather(StringBuilder into, String piece) {
        if (piece.isEmpty()) {
            return false;
        }
        count(piece);
        into.append(piece);
        return true;
    }

    final void count(String piece) {
        size.add(piece);
    }

    private static BadStream misplaced(EventReader event, String block) {
        return BadStream.protocol("a " + Quote.of(event.type) + " in a block of " + block);
    }

    private static final class TextBlock extends Block {
        private final StringBuilder text = new StringBuilder();

        TextBlock(AnswerSize size) {
            super(size);
        }

        @Override
        boolean start(EventReader event, LlmListener listener) {
            return say(event.text, listener);
        }

        @Override
        boolean delta(EventReader event, LlmListener listener) {
            return switch (event.type) {
                case "text_delta" -> say(event.text, listener);
                case "thinking_delta", "signature_delta", "input_json_delta" -> throw misplaced(event, "text");
                default -> false; // citations, and what later dates bring
            };
        }

        private boolean say(String piece, LlmListener listener) {
            if (!gather(text, piece)) {
                return false;
            }
            listener.onText(piece);
            return true;
        }

        @Override
        @Nullable
        Content content() {
            return text.isEmpty() ? null : new Content.Text(text.toString());
        }
    }

    private static final class ThinkingBlock extends Block {
        private final StringBuilder thinking = new StringBuilder();
        private final StringBuilder signature = new StringBuilder();

        ThinkingBlock(AnswerSize size) {
            super(size);
        }

        @Override
        boolean start(EventReader event, LlmListener listener) {
            gather(signature, event.signature);
            return say(event.thinking, listener);
        }

        @Override
        boolean delta(EventReader event, LlmListener listener) {
            return switch (event.type) {
                case "thinking_delta" -> say(event.thinking, listener);
                case "signature_delta" -> {
                    gather(signature, event.signature);
                    yield false;
                }
                case "text_delta", "input_json_delta" -> throw misplaced(event, "thinking");
                default -> false;
            };
        }

        private boolean say(String piece, LlmListener listener) {
            if (!gather(thinking, piece)) {
                return false;
            }
            listener.onReasoning(piece);
            return true;
        }

        @Override
        Content content() {
            return new Content.Thinking(thinking.toString(), signature.toString());
        }
    }

    private static final class RedactedBlock extends Block {
        private final StringBuilder data = new StringBuilder();

        RedactedBlock(AnswerSize size) {
            super(size);
        }

        @Override
        boolean start(EventReader event, LlmListener listener) {
            gather(data, event.data);
            return false;
        }

        @Override
        boolean delta(EventReader event, LlmListener listener) {
            return false;
        }

        @Override
        Content content() {
            return new Content.RedactedThinking(data.toString());
        }
    }

    private static final class ToolBlock extends Block {
        private final int index;
        private final String id;
        private final String name;
        private final ToolArguments arguments = new ToolArguments();
        private @Nullable String defect;

        ToolBlock(EventReader event, AnswerSize size) {
            super(size);
            if (event.id.isEmpty() || event.name.isEmpty()) {
                throw BadStream.protocol("a tool call lacks its id or name");
            }
            size.add(event.id);
            size.add(event.name);
            this.index = event.index;
            this.id = event.id;
            this.name = event.name;
        }

        @Override
        boolean start(EventReader event, LlmListener listener) {
            listener.onToolStart(index, id, name);
            // some gateways send the arguments whole, with the start; the provider itself sends an empty object there
            if (!event.input.isEmpty() && !isEmptyObject(event.input)) {
                argue(event.input, listener);
            }
            return true;
        }

        private static boolean isEmptyObject(String input) {
            return input.substring(1, input.length() - 1).isBlank();
        }

        @Override
        boolean delta(EventReader event, LlmListener listener) {
            return switch (event.type) {
                case "input_json_delta" -> argue(event.partialJson, listener);
                case "text_delta", "thinking_delta", "signature_delta" -> throw misplaced(event, "tool_use");
                default -> false;
            };
        }

        private boolean argue(String piece, LlmListener listener) {
            if (piece.isEmpty()) {
                return false;
            }
            count(piece);
            arguments.add(piece);
            listener.onToolArguments(index, piece);
            return true;
        }

        @Override
        void stop(LlmListener listener) {
            super.stop(listener);
            defect = arguments.defect();
            if (defect == null) {
                listener.onToolEnd(index);
            }
        }

        @Override
        @Nullable
        String defect() {
            return defect == null ? null : "the arguments of the tool " + Quote.of(name) + " " + defect;
        }

        @Override
        @Nullable
        Content content() {
            return defect != null ? null : new Content.ToolUse(id, name, arguments.json());
        }
    }

    /** A kind of block that we do not know: its pieces are passed over. */
    private static final class UnknownBlock extends Block {
        UnknownBlock(AnswerSize size) {
            super(size);
        }

        @Override
        boolean start(EventReader event, LlmListener listener) {
            return false;
        }

        @Override
        boolean delta(EventReader event, LlmListener listener) {
            return false;
        }

        @Override
        @Nullable
        Content content() {
            return null;
        }
    }
}

package dev.noesis.llm.anthropic;

import dev.noesis.config.RequestConfig;
import dev.noesis.config.RequestConfig.Cache;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.wire.Conversation;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import dev.noesis.model.Message.Role;
import dev.noesis.model.ToolSpec;
import org.jspecify.annotations.Nullable;

/**
 * Behind which parts of a request the provider is told to keep what came before: the tools, the system prompt, the last message.
 * The first two are the same from run to run, the third is read again by the run's next step and the thread's next turn. A
 * beginning that is too short to be kept is not marked.
 *
 * @param lastBlock the last message's last block, where a mark is set on it; else null. Told from others by identity
 */
record CacheMarks(boolean tools, boolean system, @Nullable Content lastBlock) {
    private static final int CHARS_PER_TOKEN = 4;
    private static final CacheMarks NONE = new CacheMarks(false, false, null);

    static CacheMarks of(LlmRequest request, String system, RequestConfig config) {
        if (config.cache() == Cache.OFF) {
            return NONE;
        }
        long least = (long) config.cacheMinTokens() * CHARS_PER_TOKEN;
        long tools = 0;
        for (ToolSpec tool : request.tools()) {
            tools += tool.name().length()
                    + tool.description().length()
                    + tool.inputSchema().length();
        }
        long all = tools + system.length();
        Content last = null;
        for (Message message : request.messages()) {
            if (message.role() != Role.SYSTEM) {
                for (Content block : message.content()) {
                    all += length(block);
                    last = Conversation.says(block) ? block : last;
                }
            }
        }
        return new CacheMarks(
                !request.tools().isEmpty() && tools >= least,
                !system.isBlank() && tools + system.length() >= least,
                all >= least && last != null && takesMark(last) ? last : null);
    }

    boolean isLast(Content block) {
        return block == lastBlock;
    }

    private static boolean takesMark(Content block) {
        return switch (block) {
            case Content.Text _ -> true;
            case Content.ToolUse _ -> true;
            case Content.ToolResult _ -> true;
            case Content.Thinking _ -> false;
            case Content.RedactedThinking _ -> false;
        };
    }

    private static long length(Content block) {
        return switch (block) {
            case Content.Text(String text) -> text.length();
            case Content.Thinking(String thinking, String signature) -> thinking.length() + signature.length();
            case Content.RedactedThinking(String data) -> data.length();
            case Content.ToolUse(String _, String name, String input) -> name.length() + input.length();
            case Content.ToolResult(String _, String text, boolean _) -> text.length();
        };
    }
}

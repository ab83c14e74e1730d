package dev.noesis.demo;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reply, with the Messages API's frames of its content where they are the same for every request and were made before.
 *
 * @param content null where they have to be made
 */
record Answer(Reply reply, @Nullable List<Frame> content) {
    static Answer of(Reply reply) {
        return new Answer(reply, null);
    }

    /** For a reply that is sent many times. */
    static Answer prepared(Reply reply) {
        boolean unique = reply.blocks().stream().anyMatch(block -> block instanceof Reply.Block.Tool);
        return new Answer(reply, unique ? null : MessageEncoder.content(reply, ""));
    }
}

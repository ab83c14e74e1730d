package dev.noesis.llm.netty;

import dev.noesis.llm.LlmFailure;
import io.netty.channel.Channel;

/** Gets the right to open a connection at once, and has the channel of a test count as what it opened. */
record TiedTo(Channel channel) implements ConnectionPool.Waiter {
    @Override
    public void granted(ConnectionPool.Grant grant) {
        ((ConnectionPool.Grant.Open) grant).permit().tie(channel);
    }

    @Override
    public void refused(LlmFailure failure) {
        throw new AssertionError(failure);
    }
}

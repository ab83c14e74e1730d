package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.netty.ConnectionPool.Books;
import dev.noesis.llm.netty.ConnectionPool.Grant;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The pool used by several threads at once, with channels that both sides close: nothing is lent to two, lost or left. */
class ConnectionPoolRaceTest {
    private static final long SEED = Long.getLong("noesis.seed", System.nanoTime());
    private static final int THREADS = 4;
    private static final int USES = 2_000;
    private static final int MOST = 3;
    private static final AttributeKey<AtomicBoolean> LENT = AttributeKey.valueOf("lent");

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
    private final Queue<Channel> accepted = new ConcurrentLinkedQueue<>();
    private final Queue<Channel> opened = new ConcurrentLinkedQueue<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final ConnectionPool pool = new ConnectionPool(
            new PoolLimits(MOST, 100, Duration.ofMillis(3), Duration.ofMillis(40)),
            loops.next(),
            Ticker.systemTicker(),
            new Random(SEED),
            nanos -> {});

    @AfterEach
    void end() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
    }

    @Test
    void underAnyInterleavingNoConnectionIsLentToTwoAndNothingIsLeft() throws Exception {
        System.out.println("seed " + SEED);
        LocalAddress address = listen();
        CountDownLatch done = new CountDownLatch(THREADS);
        for (int t = 0; t < THREADS; t++) {
            Random random = new Random(SEED + t);
            Thread.ofPlatform().daemon().name("pool-user-" + t).start(() -> {
                try {
                    for (int i = 0; i < USES; i++) {
                        use(address, random);
                    }
                } catch (InterruptedException | RuntimeException e) {
                    faults.add(e.toString());
                } finally {
                    done.countDown();
                }
            });
        }
        assertThat(done.await(60, TimeUnit.SECONDS))
                .as("seed %d: %s", SEED, pool.books())
                .isTrue();

        assertThat(faults).as("seed %d", SEED).isEmpty();
        await().untilAsserted(() -> {
            Books books = pool.books();
            assertThat(books.open()).as("seed %d", SEED).isEqualTo(books.idle());
            assertThat(books.waiting()).as("seed %d", SEED).isZero();
        });
        pool.close();
        await().untilAsserted(() -> assertThat(pool.books()).isEqualTo(new Books(0, 0, 0)));
        await().untilAsserted(() -> assertThat(opened).noneMatch(Channel::isOpen));
        assertThat(unanswered.get()).as("seed %d", SEED).isZero();
    }

    private void use(LocalAddress address, Random random) throws InterruptedException {
        LinkedBlockingQueue<Object> answers = new LinkedBlockingQueue<>();
        ConnectionPool.Waiter waiter = waiter(answers);
        unanswered.incrementAndGet();
        if (random.nextInt(10) == 0) {
            pool.acquireFresh(waiter);
        } else {
            pool.acquire(waiter);
        }
        if (random.nextInt(8) == 0 && pool.abandon(waiter)) {
            unanswered.decrementAndGet();
            return;
        }
        Object answer = answers.poll(30, TimeUnit.SECONDS);
        unanswered.decrementAndGet();
        Books books = pool.books();
        check(books.open() <= MOST && books.idle() <= books.open(), "too many: " + books);
        switch (answer) {
            case Grant.Open(ConnectionPool.Permit permit) -> {
                if (random.nextInt(10) == 0) {
                    permit.release();
                } else {
                    lent(connect(address, permit), random);
                }
            }
            case Grant.Reuse(Channel channel) -> lent(channel, random);
            case null, default -> check(false, "answered " + answer);
        }
    }

    private void lent(Channel channel, Random random) {
        AtomicBoolean lent = channel.attr(LENT).get();
        check(lent.compareAndSet(false, true), "lent to two");
        Thread.onSpinWait();
        if (random.nextInt(6) == 0) {
            Channel peer = accepted.poll();
            if (peer != null) {
                peer.close();
            }
        }
        lent.set(false);
        if (random.nextInt(6) == 0) {
            channel.close();
        } else {
            pool.release(channel);
        }
    }

    private Channel connect(LocalAddress address, ConnectionPool.Permit permit) throws InterruptedException {
        var connecting = new Bootstrap()
                .group(loops)
                .channel(LocalChannel.class)
                .attr(LENT, new AtomicBoolean())
                .handler(new ChannelInboundHandlerAdapter())
                .connect(address);
        permit.tie(connecting.channel());
        opened.add(connecting.channel());
        connecting.await(10_000);
        return connecting.channel();
    }

    private LocalAddress listen() throws InterruptedException {
        LocalAddress address = new LocalAddress(ConnectionPoolRaceTest.class);
        new ServerBootstrap()
                .group(loops)
                .channel(LocalServerChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.add(channel);
                    }
                })
                .bind(address)
                .sync();
        return address;
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) {
            faults.add(otherwise);
        }
    }

    private static ConnectionPool.Waiter waiter(LinkedBlockingQueue<Object> answers) {
        List<Object> heard = new ArrayList<>();
        return new ConnectionPool.Waiter() {
            @Override
            public synchronized void granted(Grant grant) {
                hear(grant);
            }

            @Override
            public synchronized void refused(LlmFailure failure) {
                hear(failure);
            }

            private void hear(Object answer) {
                heard.add(answer);
                answers.add(heard.size() == 1 ? answer : "a second answer: " + heard);
            }
        };
    }
}

package dev.tributary.testkit.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.spi.TimeSource;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FaultProxyTest {
  private final StoppedTime time = new StoppedTime();
  private ServerSocket server;
  private FaultProxy proxy;

  @BeforeEach
  void open() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    proxy = FaultProxy.before("127.0.0.1", server.getLocalPort(), time);
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    server.close();
  }

  @Test
  void forwardsBothWaysAndCounts() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(client, "hello");
      assertThat(hear(peer, 5)).isEqualTo("hello");
      say(peer, "you");
      assertThat(hear(client, 3)).isEqualTo("you");
      assertThat(proxy.bytes(Direction.TO_SERVER)).isEqualTo(5);
      assertThat(proxy.bytes(Direction.TO_CLIENT)).isEqualTo(3);
      assertThat(proxy.connections()).isEqualTo(1);
      assertThat(proxy.open()).isEqualTo(1);
    }
  }

  @Test
  void passesAnEndOnAfterWhatCameBefore() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(peer, "bye");
      peer.shutdownOutput();
      assertThat(hear(client, 3)).isEqualTo("bye");
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
    settle(() -> proxy.open() == 0);
  }

  @Test
  void closesTheClientWhenTheServerCannotBeReached() throws IOException {
    server.close();
    try (Socket client = connect()) {
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void refusesUntilHealedOnTheSamePort() throws IOException {
    int port = proxy.port();
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(client, "x");
      hear(peer, 1);
      proxy.refuse();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      assertThat(peer.getInputStream().read()).isEqualTo(-1);
    }
    assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    proxy.refuse();
    proxy.heal();
    assertThat(proxy.port()).isEqualTo(port);
    assertForwards();
  }

  @Test
  void refusesFromTheMomentItSaysSo() throws IOException {
    for (int time = 0; time < 50; time++) {
      assertForwards();
      proxy.refuse();
      assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
      proxy.heal();
    }
  }

  @Test
  void acceptsThenSaysNothing() throws IOException {
    proxy.acceptThenSilent();
    try (Socket client = connect()) {
      say(client, "anybody?");
      settle(() -> proxy.connections() == 1);
      proxy.heal();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(proxy.bytes(Direction.TO_SERVER)).isZero();
    assertForwards();
  }

  @Test
  void cutsAfterExactlySoManyBytesOnce() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(client, "before");
      assertThat(hear(peer, 6)).isEqualTo("before");
      proxy.cutAfter(5, Direction.TO_SERVER);
      say(client, "abc");
      say(client, "defgh");
      assertThat(new String(peer.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("abcde");
      assertThat(ended(client)).isTrue();
    }
    assertForwards();
  }

  @Test
  void cutsTheAnswerBeforeItsFirstByte() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(client, "x");
      hear(peer, 1);
      proxy.cutAfter(0, Direction.TO_CLIENT);
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      assertThat(peer.getInputStream().read()).isEqualTo(-1);
    }
    assertForwards();
  }

  @Test
  void cutsNow() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(client, "x");
      hear(peer, 1);
      proxy.cutNow();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      assertThat(peer.getInputStream().read()).isEqualTo(-1);
    }
    assertForwards();
  }

  @Test
  void resetsInPlaceOfAnOrderlyEnd() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(client, "x");
      hear(peer, 1);
      proxy.reset();
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class).hasMessageContaining("reset");
      assertThatThrownBy(() -> peer.getInputStream().read()).isInstanceOf(SocketException.class).hasMessageContaining("reset");
    }
    assertForwards();
  }

  @Test
  void stallsOneDirectionAndLosesNothing() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(client, "x");
      hear(peer, 1);
      proxy.stall(Direction.TO_CLIENT);
      say(peer, "late");
      say(client, "y");
      assertThat(hear(peer, 1)).isEqualTo("y");
      assertThat(client.getInputStream().available()).isZero();
      assertThat(proxy.bytes(Direction.TO_CLIENT)).isZero();
      proxy.heal();
      assertThat(hear(client, 4)).isEqualTo("late");
    }
  }

  @Test
  void holdsBackOnlySoMuch() throws Exception {
    int total = 16 << 20;
    try (Socket client = connect();
        Socket peer = server.accept()) {
      proxy.delay(Duration.ofSeconds(1), Direction.TO_SERVER);
      CompletableFuture<Void> sent =
          CompletableFuture.runAsync(
              () -> {
                try {
                  client.getOutputStream().write(new byte[total]);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      settle(() -> proxy.held(Direction.TO_SERVER) > Pipe.ROOM);
      time.advance(Duration.ofSeconds(1));
      proxy.heal();
      long most = 0;
      InputStream in = peer.getInputStream();
      byte[] buffer = new byte[64 << 10];
      for (int read = 0; read < total; ) {
        read += in.read(buffer);
        most = Math.max(most, proxy.held(Direction.TO_SERVER));
      }
      sent.get();
      assertThat(most).isLessThan(2L * Pipe.ROOM);
      assertThat(proxy.held(Direction.TO_SERVER)).isZero();
    }
  }

  @Test
  void delaysInOrder() throws Exception {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      proxy.delay(Duration.ofSeconds(3), Direction.TO_SERVER);
      say(client, "one");
      Runnable due = time.scheduled.take();
      say(client, "two");
      settle(() -> proxy.held(Direction.TO_SERVER) == 6);
      assertThat(peer.getInputStream().available()).isZero();
      time.advance(Duration.ofSeconds(3));
      due.run();
      assertThat(hear(peer, 6)).isEqualTo("onetwo");
    }
  }

  @Test
  void swallowsBothWays() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(client, "x");
      hear(peer, 1);
      proxy.blackHole();
      say(client, "into");
      say(peer, "nothing");
      try (Socket late = connect()) {
        say(late, "hello?");
        settle(() -> proxy.connections() == 2);
        assertThat(client.getInputStream().available()).isZero();
        assertThat(peer.getInputStream().available()).isZero();
        proxy.heal();
        assertThat(ended(late)).isTrue();
      }
    }
    assertThat(proxy.bytes(Direction.TO_SERVER)).isEqualTo(1);
    assertThat(proxy.bytes(Direction.TO_CLIENT)).isZero();
    assertForwards();
  }

  @Test
  void whatWasIdleInABlackHoleGoesOn() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(client, "x");
      hear(peer, 1);
      proxy.blackHole();
      proxy.heal();
      say(client, "again");
      assertThat(hear(peer, 5)).isEqualTo("again");
      say(peer, "yes");
      assertThat(hear(client, 3)).isEqualTo("yes");
    }
  }

  @Test
  void anEndIsSwallowedToo() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(client, "x");
      hear(peer, 1);
      proxy.blackHole();
      peer.shutdownOutput();
      client.setSoTimeout(50);
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
      client.setSoTimeout(0);
      proxy.heal();
      assertThat(ended(client)).isTrue();
    }
  }

  @Test
  void whatADelayHeldBackDoesNotWaitForItsEnd() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      proxy.delay(Duration.ofDays(100_000), Direction.TO_SERVER);
      say(client, "late");
      settle(() -> proxy.held(Direction.TO_SERVER) == 4);
      proxy.heal();
      assertThat(hear(peer, 4)).isEqualTo("late");
    }
  }

  @Test
  void leavesTheClientHalfOpen() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(client, "x");
      hear(peer, 1);
      proxy.halfOpen();
      assertThat(peer.getInputStream().read()).isEqualTo(-1);
      say(client, "still there?");
      assertThat(client.getInputStream().available()).isZero();
      assertThat(proxy.open()).isEqualTo(1);
      proxy.heal();
      assertThat(ended(client)).isTrue();
    }
    assertForwards();
  }

  @Test
  void forwardsNewConnectionsToAnotherServer() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Socket before = connect();
        Socket first = server.accept()) {
      proxy.retarget("127.0.0.1", other.getLocalPort());
      try (Socket after = connect();
          Socket second = other.accept()) {
        say(after, "new");
        assertThat(hear(second, 3)).isEqualTo("new");
      }
      say(before, "old");
      assertThat(hear(first, 3)).isEqualTo("old");
    }
  }

  @Test
  void closesWithItsConnections() throws IOException {
    try (Socket client = connect()) {
      proxy.close();
      proxy.close();
      assertThat(ended(client)).isTrue();
    }
    assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    assertThatThrownBy(proxy::heal).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void isNotControlledFromAnEventLoop() throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setUseDaemonThread(true));
    try {
      CompletableFuture<Void> tried = new CompletableFuture<>();
      vertx.runOnContext(
          turn -> {
            try {
              proxy.heal();
              tried.complete(null);
            } catch (IllegalStateException refused) {
              tried.completeExceptionally(refused);
            }
          });
      assertThatThrownBy(tried::get).hasCauseInstanceOf(IllegalStateException.class);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  private void assertForwards() throws IOException {
    try (Socket client = connect();
        Socket peer = server.accept()) {
      say(client, "healed");
      assertThat(hear(peer, 6)).isEqualTo("healed");
      say(peer, "yes");
      assertThat(hear(client, 3)).isEqualTo("yes");
    }
  }

  private Socket connect() throws IOException {
    return new Socket(proxy.host(), proxy.port());
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String hear(Socket socket, int length) throws IOException {
    return new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
  }

  /** An end with bytes unread at the other side may arrive as a reset. */
  private static boolean ended(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() == -1;
    } catch (SocketException reset) {
      return true;
    }
  }

  private static void settle(BooleanSupplier reached) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!reached.getAsBoolean()) {
      assertThat(System.nanoTime()).as("never came about").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  /** A clock that stands still; the test runs what was scheduled. */
  private static final class StoppedTime implements TimeSource {
    private final AtomicLong nanos = new AtomicLong();
    private final BlockingQueue<Runnable> scheduled = new LinkedBlockingQueue<>();

    void advance(Duration by) {
      nanos.addAndGet(by.toNanos());
    }

    @Override
    public Instant now() {
      return Instant.EPOCH.plusNanos(nanos.get());
    }

    @Override
    public long nanos() {
      return nanos.get();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      scheduled.add(task);
      return () -> scheduled.remove(task);
    }
  }
}

package dev.tributary.testkit.goqueue;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.HealthReport;
import dev.tributary.Tributary;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.Stranger;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are not the protocol, on either side. */
@Timeout(120)
class ForeignBytesTest {
  private static final int MOST_BYTES = 1 << 20;

  private static ClientConfig.Builder config(int port) {
    return ClientConfig.builder("goqueue")
        .endpoint("127.0.0.1", port)
        .retry(Retry.builder().maxAttempts(3).backoff(Duration.ofMillis(1), Duration.ofMillis(5)).build())
        .maxMessageBytes(MOST_BYTES)
        .timeout(Duration.ofSeconds(20));
  }

  /** One call of each kind, of those whose answer says something. */
  private static List<CompletableFuture<?>> calls(Tributary client) {
    return List.of(
        client.stream("s").publish(new byte[1]),
        client.stream("s").read(0, 0, 1),
        client.stream("s").commit("g", new Position(0, 1)),
        client.stream("s").delayed().list(10),
        client.queue("q").reserve(ReserveOptions.maxWait(Duration.ofSeconds(5))),
        client.queue("q").stats(),
        client.schemas().latest("s"),
        client.admin().list(ResourceKind.STREAM),
        client.admin().statistics(),
        client.traces().trace("0".repeat(32)));
  }

  /** Who is not reached is not well; of whoever says something else it is said that this is no such server. */
  private static void isUnwell(Tributary client) throws Exception {
    List<CompletableFuture<Boolean>> questions =
        List.of(client.health().live(), client.health().ready(), client.health().report().thenApply(HealthReport::ready));
    for (CompletableFuture<Boolean> question : questions) {
      try {
        assertThat(of(question)).isFalse();
      } catch (ExecutionException failed) {
        assertThat(failed.getCause()).isInstanceOf(ProtocolViolationException.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aServerOfAnotherKindIsAClearError(Stranger.Answer answer) throws Exception {
    try (Stranger stranger = new Stranger(answer);
        Tributary client = Tributary.connect(config(stranger.port()).build())) {
      for (CompletableFuture<?> call : calls(client)) {
        assertThat(failure(call)).isInstanceOfAny(ProtocolViolationException.class, ConnectionFailedException.class);
      }
      isUnwell(client);
    }
  }

  /** Bodies of a success, each complete as HTTP has it. A list that is left out is an empty one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html><body>Welcome</body></html>",
        "{",
        "{\"a\":",
        "[]",
        "null",
        "7",
        "\"text\"",
        "{\"results\":7,\"messages\":7,\"groups\":7,\"topics\":7,\"members\":7,\"partitions\":\"x\",\"version\":7,\"id\":\"x\",\"status\":[]}",
        "{\"results\":[7],\"messages\":[7],\"groups\":[7],\"topics\":[7],\"members\":[7],\"partitions\":-1,\"version\":null,\"id\":1e99}",
      })
  void aSuccessThatIsNotOneIsAProtocolError(String body) throws Exception {
    try (Peer peer = Peer.answering("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
        Tributary client = Tributary.connect(config(peer.port()).build())) {
      for (CompletableFuture<?> call : calls(client)) {
        assertThat(failure(call)).isInstanceOf(ProtocolViolationException.class);
      }
      isUnwell(client);
    }
  }

  @Test
  void jsonThatIsNestedWithoutEndOrHasNoEndIsAnErrorLikeAnyOther() throws Exception {
    for (String body : List.of("[".repeat(500_000), "{\"a\":".repeat(100_000), "{\"topics\":" + "[".repeat(200_000) + "]".repeat(200_000) + "}", "\"" + "x".repeat(500_000))) {
      try (Peer peer = Peer.answering("HTTP/1.1 200 OK\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
          Tributary client = Tributary.connect(config(peer.port()).build())) {
        for (CompletableFuture<?> call : calls(client)) {
          TributaryException error = failure(call);
          assertThat(error).isInstanceOfAny(ProtocolViolationException.class, PayloadTooLargeException.class);
          assertThat(error.getMessage()).as("no more of it than tells what it is").hasSizeLessThan(2_000);
        }
      }
    }
  }

  /** What ends before its announced length is a broken connection. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"topics\":[]}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nd\r\n{\"topics\":[]}",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -7\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1e9\r\n\r\n",
      })
  void anAnswerThatBreaksOffIsAnError(String bytes) throws Exception {
    try (Peer peer = Peer.hangingUpAfter(bytes);
        Tributary client = Tributary.connect(config(peer.port()).build())) {
      for (CompletableFuture<?> call : calls(client)) {
        assertThat(failure(call)).isInstanceOfAny(ProtocolViolationException.class, ConnectionFailedException.class);
      }
      isUnwell(client);
    }
  }

  /** What follows an answer that was not asked for belongs to no call. */
  @Test
  void moreThanWasAskedForIsNobodysAnswer() throws Exception {
    String one = "HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{\"topics\":[]}";
    try (Peer peer = Peer.answering(one + one + "and more");
        Tributary client = Tributary.connect(config(peer.port()).build())) {
      for (int i = 0; i < 20; i++) {
        try {
          assertThat(of(client.admin().list(ResourceKind.STREAM))).isEmpty();
        } catch (ExecutionException failed) {
          assertThat(failed.getCause()).isInstanceOfAny(ProtocolViolationException.class, ConnectionFailedException.class);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9000000000000\r\n\r\n",
      })
  void aBodyWithoutEndIsGivenUpAtTheLimit(String head) throws Exception {
    try (Peer peer = Peer.talkingWithoutEnd(head);
        Tributary client = Tributary.connect(config(peer.port()).retry(Retry.NONE).build())) {
      TributaryException error = failure(client.admin().list(ResourceKind.STREAM));
      assertThat(error).isInstanceOf(PayloadTooLargeException.class);
      peer.untilItsCallersAreGone();
    }
  }

  @Test
  void headersWithoutEndAreGivenUp() throws Exception {
    try (Peer peer = Peer.talkingWithoutEnd("HTTP/1.1 200 OK\r\nx: ");
        Tributary client = Tributary.connect(config(peer.port()).retry(Retry.NONE).build())) {
      assertThat(failure(client.admin().list(ResourceKind.STREAM))).isInstanceOfAny(ProtocolViolationException.class, ConnectionFailedException.class);
      peer.untilItsCallersAreGone();
    }
  }

  /** It accepts, reads, and says nothing, or never more than the beginning. */
  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"topics\":["})
  void whoeverFallsSilentCostsADeadlineAndNoMore(String bytes) throws Exception {
    try (Peer peer = Peer.answering(bytes);
        Tributary client = Tributary.connect(config(peer.port()).timeout(Duration.ofMillis(500)).build())) {
      for (CompletableFuture<?> call : calls(client)) {
        assertThat(failure(call)).isInstanceOfAny(DeadlineExceededException.class, ConnectionFailedException.class);
      }
      isUnwell(client);
      peer.untilItsCallersAreGone();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theServerGoesOnWhateverItIsSent(Stranger.Answer answer) throws Exception {
    try (EmbeddedServer server = EmbeddedServer.goqueue().start();
        Tributary client = Tributary.connect(server.uri())) {
      of(client.admin().createStream("s", StreamConfig.DEFAULT));
      of(client.queue("s", Codecs.text()).enqueue("job"));
      for (int i = 0; i < 5; i++) {
        try (Socket socket = new Socket(server.host(), server.port())) {
          if (i % 2 == 0) {
            socket.getOutputStream().write("POST /topics/s/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          }
          socket.getOutputStream().write(answer.bytes());
          socket.getOutputStream().flush();
        } catch (IOException hungUp) {
          // It may well not want to hear the end of it.
          continue;
        }
      }
      assertThat(of(client.queue("s", Codecs.text()).reserve()).orElseThrow().value()).isEqualTo("job");
    }
  }

  /** A server that treats every request alike, on as many connections as there are. */
  private static final class Peer implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> callers = ConcurrentHashMap.newKeySet();
    private final Conversation conversation;
    private final AtomicLong seen = new AtomicLong();

    private interface Conversation {
      void with(Socket caller) throws IOException;
    }

    private Peer(Conversation conversation) throws IOException {
      this.conversation = conversation;
      run(this::accept);
    }

    /** Says this after each request, and goes on listening. */
    static Peer answering(String bytes) throws IOException {
      return new Peer(
          caller -> {
            while (heard(caller)) {
              say(caller, bytes);
            }
          });
    }

    /** Says this after the first request, and hangs up. */
    static Peer hangingUpAfter(String bytes) throws IOException {
      return new Peer(
          caller -> {
            if (heard(caller)) {
              say(caller, bytes);
            }
          });
    }

    /** Says this after the first request, and then the same letter for ever. */
    static Peer talkingWithoutEnd(String head) throws IOException {
      String chunk = head.contains("chunked") ? "1000\r\n" + "x".repeat(0x1000) + "\r\n" : "x".repeat(0x1000);
      return new Peer(
          caller -> {
            if (heard(caller)) {
              say(caller, head);
              while (true) {
                say(caller, chunk);
              }
            }
          });
    }

    int port() {
      return socket.getLocalPort();
    }

    private static boolean heard(Socket caller) throws IOException {
      return caller.getInputStream().read(new byte[64 << 10]) > 0;
    }

    private static void say(Socket caller, String bytes) throws IOException {
      OutputStream out = caller.getOutputStream();
      out.write(bytes.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    private void accept() {
      while (!socket.isClosed()) {
        try {
          Socket caller = socket.accept();
          callers.add(caller);
          seen.incrementAndGet();
          run(() -> talk(caller));
        } catch (IOException over) {
          return;
        }
      }
    }

    private void talk(Socket caller) {
      try (caller) {
        conversation.with(caller);
      } catch (IOException gone) {
        // The caller has heard enough, or the test is over.
        return;
      } finally {
        callers.remove(caller);
        synchronized (this) {
          notifyAll();
        }
      }
    }

    private static void run(Runnable what) {
      Thread thread = new Thread(what, "peer");
      thread.setDaemon(true);
      thread.start();
    }

    /** Waits until whoever called has hung up. */
    synchronized void untilItsCallersAreGone() throws InterruptedException {
      assertThat(seen.get()).isPositive();
      while (!callers.isEmpty()) {
        wait();
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
      for (Socket caller : callers) {
        caller.close();
      }
    }
  }
}

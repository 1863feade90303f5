package dev.tributary.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Transport;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients that begin and do not end may make a server hold, and that others are served meanwhile. */
@Timeout(60)
class ServerLimitsTest {
  private static final int HALF = 50_000;
  private static final int ROOM = 5 * HALF + HALF / 2;
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final String OVERLOADED = "8";
  private static final String TOO_LATE = "4";

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final ExecutorService readers = Executors.newCachedThreadPool();
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private HttpClient client;

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
    readers.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue"})
  void unfinishedBodiesAreBoundedOverAllConnections(String protocol) throws Exception {
    EmbeddedServer server = start(protocol, ServerLimits.DEFAULT.withHeldBytes(ROOM));
    for (int i = 0; i < 20; i++) {
      Socket socket = connect(server.httpPort());
      say(socket, "POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: " + 2 * HALF + "\r\n\r\n" + "x".repeat(HALF));
      readers.execute(() -> answers.add(firstLine(socket)));
    }
    for (int i = 0; i < 15; i++) {
      assertThat(answer()).as("what no room was for").containsAnyOf("503", "429");
    }
    JsonClient other = new JsonClient(server);
    assertThat(other.send("GET", "/health", null).statusCode()).as("others").isEqualTo(200);
    assertThat(other.send("POST", "/x", "x".repeat(HALF / 2)).statusCode()).as("others, with a body").isBetween(400, 405);
  }

  @ParameterizedTest
  @CsvSource({"flowmesh, /flowmesh.v1.HealthService/HealthCheck", "disheap, /grpc.health.v1.Health/Check"})
  void unfinishedMessagesAreBoundedOverAllStreams(String protocol, String path) throws Exception {
    EmbeddedServer server = start(protocol, ServerLimits.DEFAULT.withHeldBytes(ROOM));
    for (int i = 0; i < 20; i++) {
      call(server, path, halfAMessage());
    }
    for (int i = 0; i < 15; i++) {
      assertThat(answer()).as("what no room was for").isEqualTo(OVERLOADED);
    }
    call(server, path, Buffer.buffer(new byte[5])).end();
    assertThat(answer()).as("others").isEqualTo("0");
  }

  @ParameterizedTest
  @CsvSource({"flowmesh, /flowmesh.v1.HealthService/HealthCheck", "disheap, /grpc.health.v1.Health/Check"})
  void aMessageThatDoesNotComeIsNotWaitedFor(String protocol, String path) throws Exception {
    EmbeddedServer server = start(protocol, ServerLimits.DEFAULT.withTimes(LONG, SHORT, LONG));
    call(server, path, halfAMessage());
    assertThat(answer()).isEqualTo(TOO_LATE);
    call(server, path, Buffer.buffer());
    assertThat(answer()).as("nothing of it").isEqualTo(TOO_LATE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue"})
  void aBodyThatDoesNotComeIsNotWaitedFor(String protocol) throws Exception {
    EmbeddedServer server = start(protocol, ServerLimits.DEFAULT.withTimes(LONG, SHORT, LONG));
    assertThat(untilTheEnd(server.httpPort(), "POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf")).contains("HTTP/1.1 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue"})
  void headersThatDoNotComeAreNotWaitedFor(String protocol) throws Exception {
    EmbeddedServer server = start(protocol, ServerLimits.DEFAULT.withTimes(SHORT, LONG, LONG));
    for (int port : List.of(server.port(), server.httpPort())) {
      assertThat(untilTheEnd(port, "")).as("nothing").isEmpty();
      assertThat(untilTheEnd(port, "P")).as("a byte").isEmpty();
      assertThat(untilTheEnd(port, "GET /health HTTP/1.1\r\nho")).as("half of a request").isEmpty();
    }
    Socket socket = connect(server.httpPort());
    say(socket, "GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
    assertThat(firstLine(socket)).startsWith("HTTP/1.1 200");
    say(socket, "GET /health");
    assertThat(socket.getInputStream().readAllBytes()).as("the rest of the answer, and an end").isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue"})
  void aConnectionWithoutRequestsEnds(String protocol) throws Exception {
    EmbeddedServer server = start(protocol, ServerLimits.DEFAULT.withTimes(LONG, LONG, SHORT));
    assertThat(untilTheEnd(server.httpPort(), "GET /health HTTP/1.1\r\nhost: x\r\n\r\n")).startsWith("HTTP/1.1 200");
    if (!protocol.equals("goqueue")) {
      // A preface and empty settings: all that a client needs to say.
      assertThat(untilTheEnd(server.port(), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")).as("its settings").isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue"})
  void aConnectionThatIsNotUsedMakesRoomForAnother(String protocol) throws Exception {
    EmbeddedServer server = start(protocol, ServerLimits.DEFAULT.withConnections(3, 100).withTimes(LONG, LONG, LONG));
    for (int i = 0; i < 20; i++) {
      connect(server.httpPort());
      assertThat(untilTheEnd(server.httpPort(), "GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void connectionsWithRequestsDoNotMakeRoom() throws Exception {
    ServerLimits two = ServerLimits.DEFAULT.withConnections(2, 100).withTimes(LONG, LONG, LONG);
    EmbeddedServer server = opening(EmbeddedServer.goqueue().limits(two).transport(neverReady()));
    List<Socket> first = List.of(connect(server.httpPort()), connect(server.httpPort()));
    for (Socket socket : first) {
      say(socket, "GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n");
      assertThat(answer()).isEqualTo("asked");
    }
    assertThat(untilTheEnd(server.httpPort(), "GET /health HTTP/1.1\r\nhost: x\r\n\r\n")).as("a third").isEmpty();
    first.get(0).close();
    String answer = "";
    while (answer.isEmpty()) { // until the server knows
      answer = untilTheEnd(server.httpPort(), "GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    }
    assertThat(answer).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue"})
  void longHeadersAreRefused(String protocol) throws Exception {
    EmbeddedServer server = start(protocol, ServerLimits.DEFAULT.withHeaderBytes(1_000));
    assertThat(untilTheEnd(server.httpPort(), "GET /health HTTP/1.1\r\nhost: x\r\nlong: " + "x".repeat(2_000) + "\r\n\r\n"))
        .contains(" 431 ");
    assertThat(untilTheEnd(server.httpPort(), "GET /" + "x".repeat(2_000) + " HTTP/1.1\r\nhost: x\r\n\r\n")).contains(" 414 ");
  }

  @Test
  void limitsArePositive() {
    assertThatThrownBy(() -> ServerLimits.DEFAULT.withHeldBytes(0)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> ServerLimits.DEFAULT.withConnections(0, 1)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> ServerLimits.DEFAULT.withConnections(1, 0)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> ServerLimits.DEFAULT.withHeaderBytes(-1)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> ServerLimits.DEFAULT.withTimes(Duration.ZERO, SHORT, SHORT)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> ServerLimits.DEFAULT.withTimes(SHORT, Duration.ofSeconds(Long.MAX_VALUE), SHORT))
        .isInstanceOf(InvalidRequestException.class);
  }

  private EmbeddedServer start(String protocol, ServerLimits limits) {
    return opening(EmbeddedServer.of(protocol).limits(limits));
  }

  private EmbeddedServer opening(EmbeddedServer.Builder settings) {
    EmbeddedServer server = settings.start();
    opened.add(server);
    return server;
  }

  /** Says when it is asked whether it is ready, and never answers that. */
  private Transport neverReady() {
    MemoryEngine engine = MemoryEngine.builder().build();
    opened.add(engine);
    HealthTransport health =
        new HealthTransport() {
          @Override
          public CompletableFuture<Boolean> live(Deadline deadline) {
            return CompletableFuture.completedFuture(true);
          }

          @Override
          public CompletableFuture<Boolean> ready(Deadline deadline) {
            answers.add("asked");
            return new CompletableFuture<>();
          }
        };
    Transport memory = engine.connect();
    return (Transport)
        Proxy.newProxyInstance(
            Transport.class.getClassLoader(),
            new Class<?>[] {Transport.class},
            (proxy, method, arguments) -> method.getName().equals("health") ? health : method.invoke(memory, arguments));
  }

  private Socket connect(int port) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    socket.setSoTimeout(20_000);
    opened.add(socket);
    return socket;
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private String untilTheEnd(int port, String request) throws IOException {
    Socket socket = connect(port);
    try {
      say(socket, request);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (SocketException reset) { // an end too
      return "";
    }
  }

  private static String firstLine(Socket socket) {
    StringBuilder line = new StringBuilder();
    try {
      for (int next = socket.getInputStream().read(); next >= 0 && next != '\r'; next = socket.getInputStream().read()) {
        line.append((char) next);
      }
    } catch (IOException ended) {
      line.append(ended);
    }
    return line.toString();
  }

  private String answer() throws InterruptedException {
    return String.valueOf(answers.poll(20, TimeUnit.SECONDS));
  }

  private static Buffer halfAMessage() {
    return Buffer.buffer().appendByte((byte) 0).appendInt(2 * HALF).appendBytes(new byte[HALF]);
  }

  /** Begins a call on the one connection of this test's client to the server; its status goes to the answers. */
  private HttpClientRequest call(EmbeddedServer server, String path, Buffer begin) {
    return RawClient.get(
        http()
            .request(new RequestOptions().setMethod(HttpMethod.POST).setHost(server.host()).setPort(server.port()).setURI(path))
            .map(
                request -> {
                  request.exceptionHandler(reset -> {}); // of what is left to say, once the status is there
                  request.putHeader("content-type", "application/grpc").putHeader("te", "trailers").setChunked(true);
                  request
                      .response()
                      .onSuccess(
                          response ->
                              response.endHandler(
                                  end -> {
                                    String status = response.getTrailer("grpc-status");
                                    answers.add(status == null ? response.getHeader("grpc-status") : status);
                                  }))
                      .onFailure(failed -> answers.add(failed.toString()));
                  request.write(begin);
                  return request;
                })
            .toCompletionStage()
            .toCompletableFuture());
  }

  private HttpClient http() {
    if (client == null) {
      Vertx vertx = Vertx.vertx(new VertxOptions().setUseDaemonThread(true));
      opened.add(() -> RawClient.get(vertx.close().toCompletionStage().toCompletableFuture()));
      client = vertx.createHttpClient(new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    }
    return client;
  }
}

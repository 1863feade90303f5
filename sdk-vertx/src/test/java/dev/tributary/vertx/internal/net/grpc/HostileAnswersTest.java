package dev.tributary.vertx.internal.net.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.http.HttpCaller;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A few bytes cost no more than a few bytes. */
class HostileAnswersTest {
  private static final Rpc<StringValue, StringValue> SAY =
      Rpc.of("test.Echo", "Say", StringValue.getDefaultInstance(), StringValue.getDefaultInstance());
  private static final Rpc<StringValue, StringValue> WELL =
      Rpc.of("test.Echo", "Well", StringValue.getDefaultInstance(), StringValue.getDefaultInstance());
  private static final Rpc<StringValue, ListValue> LIST =
      Rpc.of("test.Echo", "List", StringValue.getDefaultInstance(), ListValue.getDefaultInstance());
  private static final Rpc<StringValue, StringValue> HEALTH =
      Rpc.of("test.Echo", "Health", StringValue.getDefaultInstance(), StringValue.getDefaultInstance());
  private static final StringValue HELLO = StringValue.of("hello");
  private static final int ANNOUNCED = 15 << 20;
  private static final int ON_ONE_CONNECTION = 50;

  private final Vertx vertx = Vertx.vertx();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private GrpcCaller grpc(Buffer body, CountDownLatch sent) {
    RawServer server =
        new RawServer(
            vertx,
            call -> {
              if (call.path().endsWith("/Health") || call.path().endsWith("/Well")) {
                RawServer.answer(call, "well");
                return;
              }
              HttpServerResponse response = RawServer.grpc(call);
              response.write(body.copy()).onComplete(written -> sent.countDown());
            });
    ClientConfig config = ClientConfig.builder("test").endpoint("127.0.0.1", server.port).build();
    GrpcCaller caller = GrpcCaller.probing(Network.on(vertx, config, 1), new GrpcErrors(), HEALTH, HELLO);
    open.add(() -> get(caller.close()));
    return caller;
  }

  private static <A extends Message> CompletableFuture<A> ask(GrpcCaller caller, Rpc<StringValue, A> rpc) {
    return caller.call(rpc, HELLO, soon());
  }

  private static Deadline soon() {
    return Deadline.after(TimeSource.system(), Duration.ofSeconds(60));
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static TributaryException failure(CompletableFuture<?> call) throws Exception {
    try {
      get(call);
    } catch (ExecutionException failed) {
      return (TributaryException) failed.getCause();
    }
    throw new AssertionError("did not fail");
  }

  @Test
  void anAnnouncedLengthTakesNoMemory() throws Exception {
    // Together they announce more than there is.
    int calls = (int) (Runtime.getRuntime().maxMemory() / ANNOUNCED) + 1;
    CountDownLatch sent = new CountDownLatch(calls);
    Buffer head = Buffer.buffer().appendByte((byte) 0).appendInt(ANNOUNCED).appendString("few");
    List<GrpcCaller> callers = new ArrayList<>();
    List<CompletableFuture<?>> hanging = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      if (i % ON_ONE_CONNECTION == 0) {
        callers.add(grpc(head, sent));
      }
      hanging.add(ask(callers.get(callers.size() - 1), SAY));
    }
    assertThat(sent.await(30, TimeUnit.SECONDS)).isTrue();
    for (GrpcCaller caller : callers) {
      // On the same connection, and therefore after all of those.
      assertThat(get(ask(caller, WELL)).getValue()).isEqualTo("well");
    }
    assertThat(hanging).noneMatch(CompletableFuture::isDone);
    hanging.forEach(call -> call.cancel(true));
  }

  /** Two bytes each, of which a list of as many objects is made. */
  private static Buffer empties() {
    int count = 4_000_000;
    byte[] bytes = new byte[5 + 2 * count];
    Buffer.buffer().appendByte((byte) 0).appendInt(2 * count).getBytes(bytes);
    for (int i = 5; i < bytes.length; i += 2) {
      bytes[i] = 0x0a;
    }
    return Buffer.buffer(bytes);
  }

  @Test
  void millionsOfEmptyMessagesAreRefusedAndOthersGoOn() throws Exception {
    GrpcCaller caller = grpc(empties(), new CountDownLatch(1));
    CompletableFuture<@Nullable TributaryException> ended = new CompletableFuture<>();
    caller
        .subscribe(
            LIST,
            HELLO,
            caller.loop(),
            new GrpcStream.Listener<ListValue>() {
              @Override
              public void onMessage(ListValue message) {}

              @Override
              public void onEnd(@Nullable TributaryException error) {
                ended.complete(error);
              }
            })
        .request(1);
    assertThat(get(ended)).isInstanceOf(PayloadTooLargeException.class);
    TributaryException error = failure(ask(caller, LIST));
    assertThat(error).isInstanceOf(PayloadTooLargeException.class);
    assertThat(error.retryable()).isFalse();
    assertThat(get(ask(caller, WELL)).getValue()).isEqualTo("well");
  }

  @Test
  void anObjectOfAMillionKeysIsRefusedAndOthersGoOn() throws Exception {
    StringBuilder keys = new StringBuilder("{");
    for (int i = 0; i < 1_000_000; i++) {
      keys.append("\"k").append(i).append("\":0,");
    }
    String json = keys.append("\"end\":0}").toString();
    RawServer server = new RawServer(vertx, call -> call.response().end(call.path().equals("/keys") ? json : "{}"));
    Network network = Network.on(vertx, ClientConfig.builder("test").endpoint("127.0.0.1", server.port).build(), 1);
    HttpCaller caller = new HttpCaller(network);
    open.add(() -> get(caller.close()));
    TributaryException error = failure(caller.get("/keys", soon()));
    assertThat(error).isInstanceOf(PayloadTooLargeException.class);
    assertThat(error.retryable()).isFalse();
    assertThat(get(caller.get("/well", soon()))).isEmpty();
  }
}

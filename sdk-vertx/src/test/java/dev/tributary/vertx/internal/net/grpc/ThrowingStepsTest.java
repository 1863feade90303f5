package dev.tributary.vertx.internal.net.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.goqueue.ManualTime;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.http.HttpCaller;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is thrown in the steps of a call ends that call and no other, on the same connection. */
class ThrowingStepsTest {
  private static final Rpc<StringValue, StringValue> SAY =
      Rpc.of("test.Echo", "Say", StringValue.getDefaultInstance(), StringValue.getDefaultInstance());
  private static final StringValue HELLO = StringValue.of("hello");

  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static final class Thrown extends Error {
    private static final long serialVersionUID = 1L;
  }

  private Network network(UnaryOperator<ClientConfig.Builder> more) {
    RawServer server = new RawServer(vertx, calls::add);
    return Network.on(vertx, more.apply(ClientConfig.builder("test").endpoint("127.0.0.1", server.port).maxConcurrentCalls(2)).build(), 1);
  }

  private GrpcCaller grpc(UnaryOperator<ClientConfig.Builder> more) {
    GrpcCaller caller = GrpcCaller.probing(network(more), new GrpcErrors(), SAY, HELLO);
    open.add(() -> get(caller.close()));
    return caller;
  }

  private static Deadline soon() {
    return Deadline.after(TimeSource.system(), Duration.ofSeconds(20));
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private static Throwable failure(CompletableFuture<?> call) throws Exception {
    try {
      get(call);
    } catch (ExecutionException failed) {
      return failed.getCause();
    }
    throw new AssertionError("did not fail");
  }

  private HttpServerRequest arrived() throws InterruptedException {
    HttpServerRequest call = calls.poll(20, TimeUnit.SECONDS);
    assertThat(call).isNotNull();
    return call;
  }

  /** More often than there are streams: what is not released is missed. */
  private void works(GrpcCaller caller) throws Exception {
    for (int i = 0; i < 5; i++) {
      CompletableFuture<StringValue> call = caller.call(SAY, HELLO, soon());
      RawServer.answer(arrived(), "well");
      assertThat(get(call).getValue()).isEqualTo("well");
    }
  }

  @Test
  void aConverterThatThrowsAnError() throws Exception {
    GrpcCaller caller = grpc(config -> config);
    CompletableFuture<StringValue> beside = caller.call(SAY, HELLO, soon());
    HttpServerRequest held = arrived();
    for (int i = 0; i < 5; i++) {
      CompletableFuture<String> call =
          caller.call(
              SAY,
              HELLO,
              soon(),
              answer -> {
                throw new Thrown();
              });
      RawServer.answer(arrived(), "well");
      assertThat(failure(call)).isInstanceOf(TributaryException.class).hasCauseInstanceOf(Thrown.class);
    }
    RawServer.answer(held, "beside");
    assertThat(get(beside).getValue()).isEqualTo("beside");
    works(caller);
  }

  @Test
  void whoTakesWhatNobodyClaimedAndThrows() throws Exception {
    GrpcCaller caller = grpc(config -> config);
    for (int i = 0; i < 5; i++) {
      CompletableFuture<Void> over = new CompletableFuture<>();
      CompletableFuture<String> call =
          caller.call(
              SAY,
              HELLO,
              soon(),
              StringValue::getValue,
              new Unclaimed<String>() {
                @Override
                public void accept(String result) {
                  throw new Thrown();
                }

                @Override
                public void over() {
                  over.complete(null);
                }
              });
      HttpServerRequest held = arrived();
      call.cancel(true);
      RawServer.answer(held, "late");
      get(over);
    }
    works(caller);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sent", "message", "end"})
  void aListenerThatThrows(String where) throws Exception {
    GrpcCaller caller = grpc(config -> config);
    for (int i = 0; i < 5; i++) {
      CompletableFuture<@Nullable TributaryException> ended = new CompletableFuture<>();
      GrpcStream<StringValue, StringValue> stream =
          caller.subscribe(
              SAY,
              HELLO,
              caller.loop(),
              new GrpcStream.Listener<StringValue>() {
                private void may(String place) {
                  if (place.equals(where)) {
                    throw new Thrown();
                  }
                }

                @Override
                public void onSent() {
                  may("sent");
                }

                @Override
                public void onMessage(StringValue message) {
                  may("message");
                }

                @Override
                public void onEnd(@Nullable TributaryException error) {
                  ended.complete(error);
                  may("end");
                }
              });
      stream.request(10);
      if (!where.equals("sent")) {
        RawServer.answer(arrived(), "one");
      }
      if (where.equals("end")) {
        assertThat(get(ended)).isNull();
      } else {
        assertThat(get(ended)).hasCauseInstanceOf(Thrown.class);
      }
      calls.clear();
    }
    CompletableFuture<StringValue> call = caller.call(SAY, HELLO, soon());
    while (!call.isDone()) {
      // What a stream had sent that was taken back may come late.
      HttpServerRequest next = calls.poll(10, TimeUnit.MILLISECONDS);
      if (next != null) {
        RawServer.answer(next, "well");
      }
    }
    assertThat(get(call).getValue()).isEqualTo("well");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSupplierOfCredentialsThatThrowsAnError(boolean overHttp) throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    ManualTime clock = new ManualTime();
    Network network =
        network(
            config ->
                config.time(clock).credentials(
                    Credentials.Provider.token(
                        () -> {
                          if (broken.get()) {
                            throw new Thrown();
                          }
                          return "t";
                        })));
    if (overHttp) {
      HttpCaller caller = new HttpCaller(network);
      open.add(() -> get(caller.close()));
      assertThat(failure(caller.send(HttpMethod.GET, "/", null, soon()))).isInstanceOf(TributaryException.class);
      broken.set(false);
      clock.pass(Duration.ofSeconds(5));
      CompletableFuture<HttpCaller.Answer> call = caller.send(HttpMethod.GET, "/", null, soon());
      arrived().response().end();
      assertThat(get(call).status()).isEqualTo(200);
    } else {
      GrpcCaller caller = GrpcCaller.probing(network, new GrpcErrors(), SAY, HELLO);
      open.add(() -> get(caller.close()));
      assertThat(failure(caller.call(SAY, HELLO, soon()))).isInstanceOf(TributaryException.class);
      broken.set(false);
      clock.pass(Duration.ofSeconds(5));
      works(caller);
    }
  }
}

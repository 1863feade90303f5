package dev.tributary.testkit.server.internal.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.net.Intake;
import dev.tributary.vertx.internal.net.grpc.Rpc;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.internal.http.HttpServerRequestWrapper;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Takes calls from the wire: what comes before an rpc's own work, the same for all of them. */
public final class GrpcFront implements Handler<HttpServerRequest> {
  public static final int MAX_MESSAGE_BYTES = 4 << 20;

  private static final Duration NO_TIMEOUT = Duration.ofDays(365);
  /** What stands before a message. */
  private static final int PREFIX = 5;

  private static final String IDENTITY = "identity";
  private static final String ENCODING = "grpc-encoding";
  /** Stands for a missing encoding: the library loses a call with a compressed message and none. */
  private static final String NO_ENCODING = "none";

  private final GrpcServer server;
  private final Intake intake;
  /** The request that the library is being given, since it does not pass on what it was given. */
  private final ThreadLocal<Arrival> arriving = new ThreadLocal<>();

  private final Tokens tokens;
  private final ServerFaults faults;
  private final Function<Throwable, Rejection> errors;
  private final Function<String, Consumer<GrpcStatus>> counters;
  private final TimeSource time;
  private final Map<HttpConnection, Set<ServerCall<?, ?>>> open = new ConcurrentHashMap<>();

  /**
   * A front without rpcs.
   *
   * @param intake what counts the bytes of requests
   * @param errors what an error is on this wire
   * @param counters who counts how the calls of an rpc end, by its name {@code service/method}
   */
  public GrpcFront(
      Vertx vertx,
      Intake intake,
      ServerOptions options,
      ServerFaults faults,
      Function<Throwable, Rejection> errors,
      Function<String, Consumer<GrpcStatus>> counters) {
    this.server = GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(MAX_MESSAGE_BYTES));
    this.intake = intake;
    this.tokens = new Tokens(options.tokens());
    this.faults = faults;
    this.errors = errors;
    this.counters = counters;
    this.time = options.time();
  }

  @Override
  public void handle(HttpServerRequest request) {
    String encoding = request.getHeader(ENCODING);
    if (encoding == null || encoding.equals(IDENTITY)) {
      request.headers().set(ENCODING, NO_ENCODING);
    }
    Arrival arrival = new Arrival((HttpServerRequestInternal) request, intake.begin());
    arriving.set(arrival);
    try {
      server.handle(arrival);
    } finally {
      arriving.remove();
      if (!arrival.taken) {
        arrival.part.close();
      }
    }
  }

  /** A request whose bytes are counted before the library puts messages together from them. */
  private static final class Arrival extends HttpServerRequestWrapper {
    final Intake.Part part;
    boolean taken;

    Arrival(HttpServerRequestInternal request, Intake.Part part) {
      super(request);
      this.part = part;
    }

    @Override
    public HttpServerRequest handler(@Nullable Handler<Buffer> handler) {
      return super.handler(
          handler == null
              ? null
              : bytes -> {
                if (part.arrived(bytes.length())) {
                  handler.handle(bytes);
                }
              });
    }
  }

  /** A connection is gone. Its calls end here, because the library does not tell those for which it had frames queued. */
  public void closed(HttpConnection connection) {
    Set<ServerCall<?, ?>> calls = open.remove(connection);
    if (calls != null) {
      calls.forEach(ServerCall::lost);
    }
  }

  /** Serves a unary rpc. */
  public <Q extends Message, A extends Message> void unary(
      Rpc<Q, A> rpc, boolean guarded, BiFunction<Q, Deadline, CompletableFuture<A>> operation) {
    unary(rpc, guarded, operation, (request, answer) -> {});
  }

  /** Serves a unary rpc, and says when its client did not get an answer. */
  public <Q extends Message, A extends Message> void unary(
      Rpc<Q, A> rpc, boolean guarded, BiFunction<Q, Deadline, CompletableFuture<A>> operation, BiConsumer<Q, A> undelivered) {
    answering(rpc, guarded, (request, call) -> operation.apply(request, call.deadline()), undelivered);
  }

  /** Serves a unary rpc that gives jobs back: {@code released} if its client says that nobody began them. */
  public <Q extends Message, A extends Message> void givingBack(
      Rpc<Q, A> rpc,
      boolean guarded,
      BiFunction<Q, Deadline, CompletableFuture<A>> nacked,
      BiFunction<Q, Deadline, CompletableFuture<A>> released) {
    answering(rpc, guarded, (request, call) -> (call.untried() ? released : nacked).apply(request, call.deadline()), (request, answer) -> {});
  }

  private <Q extends Message, A extends Message> void answering(
      Rpc<Q, A> rpc, boolean guarded, BiFunction<Q, ServerCall<Q, A>, CompletableFuture<A>> operation, BiConsumer<Q, A> undelivered) {
    streaming(
        rpc,
        guarded,
        (request, call) -> {
          CompletableFuture<A> answer = operation.apply(request, call);
          call.onEnd(() -> answer.cancel(true));
          answer.whenComplete(
              (value, error) -> {
                if (error == null) {
                  call.end(value, () -> undelivered.accept(request, value));
                } else {
                  call.fail(Steps.unwrap(error));
                }
              });
        });
  }

  /** What serves one request of an rpc. */
  public interface Operation<Q, A> {
    void begin(Q request, ServerCall<Q, A> call);
  }

  /** Serves an rpc whose answer is its own business. */
  public <Q extends Message, A extends Message> void streaming(Rpc<Q, A> rpc, boolean guarded, Operation<Q, A> operation) {
    serve(
        rpc,
        guarded,
        (request, call) -> {
          request.endHandler(
              end -> {
                if (!call.begun()) {
                  call.fail(Rejection.internal("the request ended before its message was complete"));
                }
              });
          call.part().expect();
          request.messageHandler(
              message -> {
                boolean first = call.begin();
                call.part().message(PREFIX + message.payload().length(), first);
                if (first) {
                  Q decoded = decode(rpc, message, call);
                  if (decoded != null) {
                    later(rpc.name(), call, () -> operation.begin(decoded, call));
                  }
                }
              });
        });
  }

  /** What serves one conversation: called on its context, and no more once the call has ended. */
  public interface Conversation<Q> {
    /** The client says something. */
    void message(Q message);

    /** The client has said all. */
    void halfClosed();
  }

  /** Serves an rpc in which both sides say more than one thing. */
  public <Q extends Message, A extends Message> void conversation(
      Rpc<Q, A> rpc, boolean guarded, Function<ServerCall<Q, A>, Conversation<Q>> begin) {
    serve(
        rpc,
        guarded,
        (request, call) -> {
          request.pause();
          later(
              rpc.name(),
              call,
              () -> {
                Conversation<Q> conversation = begin.apply(call);
                request.endHandler(end -> call.guard(conversation::halfClosed));
                request.messageHandler(
                    message -> {
                      call.part().message(PREFIX + message.payload().length(), false);
                      Q decoded = call.ended() ? null : decode(rpc, message, call);
                      if (decoded != null) {
                        call.guard(() -> conversation.message(decoded));
                      }
                    });
                request.resume();
              });
        });
  }

  private <Q extends Message, A extends Message> void serve(
      Rpc<Q, A> rpc, boolean guarded, BiConsumer<GrpcServerRequest<Q, A>, ServerCall<Q, A>> operation) {
    Consumer<GrpcStatus> counter = counters.apply(rpc.toString());
    server.callHandler(
        rpc.server(),
        request -> {
          @Nullable ServerCall<Q, A> call = admit(guarded, request, counter);
          if (call != null) {
            operation.accept(request, call);
          }
        });
  }

  /** The call, or null if it was refused. */
  private <Q extends Message, A extends Message> @Nullable ServerCall<Q, A> admit(
      boolean guarded, GrpcServerRequest<Q, A> request, Consumer<GrpcStatus> counter) {
    long timeout = request.timeout();
    Deadline deadline = Deadline.after(time, timeout > 0 ? Duration.ofMillis(timeout) : NO_TIMEOUT);
    Set<ServerCall<?, ?>> onConnection = open.computeIfAbsent(request.connection(), first -> ConcurrentHashMap.newKeySet());
    Arrival arrival = arriving.get();
    arrival.taken = true;
    ServerCall<Q, A> call =
        new ServerCall<>(
            request.response(), arrival.response(), request.headers(), arrival.part, Vertx.currentContext(), deadline, errors, counter, onConnection::remove);
    arrival.part.onRefused(call::giveUp);
    onConnection.add(call);
    request.errorHandler(error -> call.lost());
    request.exceptionHandler(error -> call.lost());
    request.response().exceptionHandler(error -> call.lost());
    request.invalidMessageHandler(
        invalid ->
            call.fail(
                new Rejection(GrpcStatus.RESOURCE_EXHAUSTED, "the message is larger than the maximum of " + MAX_MESSAGE_BYTES + " bytes")));
    if (timeout > 0) {
      call.expireAfter(timeout);
    }
    String encoding = request.encoding();
    Rejection refused =
        NO_ENCODING.equals(encoding)
            ? (guarded ? tokens : Tokens.NONE).refuse(request.headers().get("authorization"))
            : new Rejection(GrpcStatus.UNIMPLEMENTED, "no decompressor for " + encoding);
    if (refused != null) {
      call.fail(refused);
      return null;
    }
    return call;
  }

  @SuppressWarnings("unchecked") // a message's parser makes messages of its class
  private static <Q extends Message> @Nullable Q decode(Rpc<Q, ?> rpc, GrpcMessage message, ServerCall<?, ?> call) {
    if (!message.encoding().equals(IDENTITY)) {
      call.fail(Rejection.internal("the message is compressed, but the call has no grpc-encoding"));
      return null;
    }
    try {
      return (Q) rpc.request().getParserForType().parseFrom(message.payload().getBytes());
    } catch (InvalidProtocolBufferException garbage) {
      call.fail(Rejection.internal("the request is not a " + rpc.request().getDescriptorForType().getName()));
      return null;
    }
  }

  /** Where planned faults come in. */
  private void later(String rpc, ServerCall<?, ?> call, Runnable operation) {
    ServerFaults.Fault fault = faults.next(rpc);
    Runnable begin =
        () -> {
          if (fault != null) {
            Rejection planned = new Rejection(GrpcStatus.valueOf(fault.status()), fault.message());
            if (!fault.applied()) {
              call.fail(planned);
              return;
            }
            call.failInstead(planned);
          }
          call.guard(operation);
        };
    Duration delay = faults.delayOf(rpc);
    if (delay.isZero()) {
      begin.run();
    } else {
      TimeSource.Timer timer = time.schedule(delay, () -> call.context().runOnContext(turn -> begin.run()));
      call.onEnd(timer::cancel);
    }
  }
}

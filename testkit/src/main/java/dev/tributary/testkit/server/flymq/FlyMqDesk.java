package dev.tributary.testkit.server.flymq;

import dev.tributary.engine.access.Refused;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.flymq.internal.calls.Audited;
import dev.tributary.testkit.server.flymq.internal.calls.Operations;
import dev.tributary.testkit.server.flymq.internal.link.Client;
import dev.tributary.testkit.server.flymq.internal.link.Desk;
import dev.tributary.testkit.server.flymq.internal.store.Refusal;
import dev.tributary.testkit.server.internal.http.PlannedFaults;
import dev.tributary.vertx.internal.flymq.wire.ErrorStyle;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Malformed;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Permission;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What holds for every request: how it is read, who may ask, how long an answer may take, and how errors are told. */
final class FlyMqDesk implements Desk {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final FlyMqCluster cluster;
  private final Operations operations;
  private final Audited audited;
  private final Unzipping unzipping;
  private final ServerFaults faults;
  private final PlannedFaults planned;
  private final TimeSource time;
  private final boolean asShipped;

  FlyMqDesk(FlyMqCluster cluster, Operations operations, Audited audited, Executor workers, ServerOptions options, ServerFaults faults) {
    this.cluster = cluster;
    this.operations = operations;
    this.audited = audited;
    this.unzipping = new Unzipping(workers, options.limits().heldBytes());
    this.faults = faults;
    this.planned =
        new PlannedFaults(faults, options.time(), fault -> fault.status() == 0 ? Refusal.hangUp() : new Refusal(fault.message()));
    this.time = options.time();
    this.asShipped = options.quirks().contains(Quirk.SHIPPED_FLYMQ);
  }

  @Override
  public CompletableFuture<Reply> answer(Frame request, Client client) {
    if (!request.zipped()) {
      return answerPlain(request, client);
    }
    return Steps.otherwise(
        unzipping.answer(request, plain -> answerPlain(plain, client)),
        error -> CompletableFuture.completedFuture(error(ErrorStyle.BARE, text(error))));
  }

  private CompletableFuture<Reply> answerPlain(Frame request, Client client) {
    Opcode opcode = Opcode.of(request.opcode());
    if (opcode == null) {
      return CompletableFuture.completedFuture(error(ErrorStyle.BARE, "unknown opcode: " + request.opcode()));
    }
    Message message;
    try {
      message = opcode.request(request);
    } catch (Malformed garbage) {
      return CompletableFuture.completedFuture(error(opcode.malformed(), opcode.malformedPrefix() + garbage.text()));
    }
    return Steps.otherwise(
        Steps.map(begin(opcode, message, client), answer -> answered(opcode, answer)),
        error -> CompletableFuture.completedFuture(refused(opcode, error)));
  }

  private CompletableFuture<Message> begin(Opcode opcode, Message request, Client client) {
    if (asShipped && Fatal.takesDown(opcode, request, cluster.directory().on())) {
      faults.crash();
      return CompletableFuture.failedFuture(Refusal.hangUp());
    }
    try {
      check(opcode, request, client);
      cluster.nodes().mustLead(opcode, faults.role());
    } catch (Refusal refused) {
      return CompletableFuture.failedFuture(refused);
    }
    Deadline deadline = Deadline.after(time, TIMEOUT);
    return inTime(planned.begin(opcode.name(), () -> operations.answer(opcode, request, new Operations.Call(client, deadline))));
  }

  private void check(Opcode opcode, Message request, Client client) {
    Permission permission = asShipped ? opcode.publicPermission() : opcode.permission();
    if (permission == Permission.NONE) {
      return;
    }
    String topic = operations.topic(opcode, request);
    try {
      cluster.directory().check(client.user(), needed(permission), topic == null ? null : cluster.topics().stream(topic));
    } catch (Refused refused) {
      audited.denied(opcode.name().toLowerCase(Locale.ROOT), topic == null ? "" : topic, client, refused.text());
      throw switch (opcode) {
        case AUDIT_QUERY -> new Refusal("admin access required for audit queries");
        case AUDIT_EXPORT -> new Refusal("admin access required for audit export");
        default -> new Refusal(refused.text());
      };
    }
  }

  /** Null for a login. */
  private static dev.tributary.access.@Nullable Permission needed(Permission permission) {
    return permission == Permission.LOGIN ? null : dev.tributary.access.Permission.valueOf(permission.name());
  }

  /** Cancels what takes too long, and says so. */
  private CompletableFuture<Message> inTime(CompletableFuture<Message> answer) {
    if (answer.isDone()) {
      return answer;
    }
    CompletableFuture<Message> timed = Steps.map(answer, message -> message);
    TimeSource.Timer timer = time.schedule(TIMEOUT, () -> timed.completeExceptionally(new Refusal("timeout after " + TIMEOUT.toSeconds() + "s")));
    timed.whenComplete(
        (message, error) -> {
          timer.cancel();
          if (error != null) {
            answer.cancel(true);
          }
        });
    return timed;
  }

  private static Reply answered(Opcode opcode, Message answer) {
    return out -> {
      try {
        Frame.write(out, opcode.answerCode(), answer);
      } catch (RuntimeException unspeakable) {
        return error(opcode.errors(), text(unspeakable)).write(out);
      }
      return true;
    };
  }

  private static Reply refused(Opcode opcode, Throwable error) {
    if (!(error instanceof Refusal refusal)) {
      return error(opcode.errors(), text(error));
    }
    ErrorStyle style = refusal.style();
    return refusal.hangsUp() ? Reply.HANG_UP : error(style == null ? opcode.errors() : style, refusal.text());
  }

  private static Reply error(ErrorStyle style, String text) {
    return (ByteBuf out) -> {
      style.write(out, text);
      return true;
    };
  }

  private static String text(Throwable error) {
    @Nullable String message = error.getMessage();
    return message == null ? "internal error" : message;
  }

  @Override
  public void gone(Client client) {
    cluster.groups().leave(client);
  }
}

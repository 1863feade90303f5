package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.flymq.internal.link.Client;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is done for each opcode. Written while the server is made, and only read afterwards. */
public final class Operations {
  private final Map<Opcode, Entry<?>> entries = new EnumMap<>(Opcode.class);

  /** Does what a request asks. It may refuse by throwing. */
  @FunctionalInterface
  public interface Operation<Q> {
    CompletableFuture<? extends Message> answer(Q request, Call call);
  }

  /** Who asks, and until when there must be an answer. */
  public record Call(Client client, Deadline deadline) {}

  private record Entry<Q extends Message>(Class<Q> type, Function<Q, @Nullable String> topic, Operation<Q> operation) {}

  /** Has this done for an opcode; {@code topic} is the one that somebody has to be allowed to use, or null. */
  <Q extends Message> Operations on(Opcode opcode, Class<Q> type, Function<Q, @Nullable String> topic, Operation<Q> operation) {
    entries.put(opcode, new Entry<>(type, topic, operation));
    return this;
  }

  /** Has this done for an opcode that is about no topic. */
  <Q extends Message> Operations on(Opcode opcode, Class<Q> type, Operation<Q> operation) {
    return on(opcode, type, none -> null, operation);
  }

  /** Which topic a request is about, or null. */
  public @Nullable String topic(Opcode opcode, Message request) {
    return topic(entry(opcode), request);
  }

  private static <Q extends Message> @Nullable String topic(Entry<Q> entry, Message request) {
    return entry.topic().apply(entry.type().cast(request));
  }

  public CompletableFuture<Message> answer(Opcode opcode, Message request, Call call) {
    return answer(entry(opcode), request, call);
  }

  private static <Q extends Message> CompletableFuture<Message> answer(Entry<Q> entry, Message request, Call call) {
    return Steps.map(entry.operation().answer(entry.type().cast(request), call), answer -> answer);
  }

  private Entry<?> entry(Opcode opcode) {
    return Objects.requireNonNull(entries.get(opcode), opcode::name);
  }
}

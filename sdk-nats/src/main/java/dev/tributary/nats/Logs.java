package dev.tributary.nats;

import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.nats.client.NatsCaller;
import dev.tributary.nats.wire.Answers;
import dev.tributary.nats.wire.Entry;
import dev.tributary.nats.wire.Json;
import dev.tributary.nats.wire.Requests;
import dev.tributary.nats.wire.StreamConfiguration;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.ReadResult;
import io.nats.client.Message;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The partitions of streams, each of which is a JetStream stream: how many there are, where they end, and what is in them. */
final class Logs {
  /** So many streams are remembered; of further ones is asked again. */
  private static final int REMEMBERED = 10_000;

  private final NatsCaller caller;
  private final NatsMapping mapping;
  private final Map<ResourceName, Integer> known = new ConcurrentHashMap<>();

  Logs(NatsCaller caller, NatsMapping mapping) {
    this.caller = caller;
    this.mapping = mapping;
  }

  /** How many partitions there are; of a stream that was made anew with others, once one of them was missed. */
  CompletableFuture<Integer> partitions(ResourceName stream, Deadline deadline) {
    Integer count = known.get(stream);
    return count == null ? ask(stream, deadline) : CompletableFuture.completedFuture(count);
  }

  /** How many partitions there are now. */
  CompletableFuture<Integer> ask(ResourceName stream, Deadline deadline) {
    return Steps.map(
        info(stream, 0, deadline),
        first -> {
          int count = NatsMapping.number(metadata(first).get(NatsMapping.PARTITIONS));
          if (known.size() < REMEMBERED) {
            known.put(stream, count);
          }
          return count;
        },
        error -> {
          forget(stream);
          throw error;
        });
  }

  /** The partition, if there is one of this number. */
  CompletableFuture<Integer> partition(ResourceName stream, int partition, Deadline deadline) {
    return Steps.map(partitions(stream, deadline), count -> checked(stream, partition, count));
  }

  static int checked(ResourceName stream, int partition, int count) {
    if (partition < 0 || partition >= count) {
      throw InvalidRequestException.of(
          "there is no partition " + partition + " of " + stream, "It has " + count + ", which are counted from 0");
    }
    return partition;
  }

  /** It may be another by now. */
  void forget(ResourceName stream) {
    known.remove(stream);
  }

  static Map<String, String> metadata(Answers.Stream stream) {
    StreamConfiguration config = stream.config();
    Map<String, String> metadata = config == null ? null : config.metadata();
    return metadata == null ? Map.of() : metadata;
  }

  CompletableFuture<Answers.Stream> info(ResourceName stream, int partition, Deadline deadline) {
    return caller.api("STREAM.INFO." + mapping.log(stream, partition), null, Answers.Stream.class, deadline);
  }

  /** Where a partition begins and ends now. */
  CompletableFuture<Ends> ends(ResourceName stream, int partition, Deadline deadline) {
    return Steps.map(info(stream, partition, deadline), Logs::ends);
  }

  /** What has no limits loses only what expired by itself, or was delayed: that is no gap, and the beginning stays where it was. */
  private static Ends ends(Answers.Stream log) {
    Answers.State state = Objects.requireNonNull(log.state());
    return new Ends(limited(log) ? Math.max(0, state.firstSeq() - 1) : 0, state.lastSeq());
  }

  /** Whether the server removes what is too much or too old. */
  static boolean limited(Answers.Stream log) {
    StreamConfiguration config = Objects.requireNonNull(log.config());
    return limit(config.maxAge()) || limit(config.maxMsgs()) || limit(config.maxBytes());
  }

  private static boolean limit(@Nullable Long most) {
    return most != null && most > 0;
  }

  /** Where these begin and end now. */
  CompletableFuture<Map<Integer, Ends>> ends(ResourceName stream, Collection<Integer> partitions, Deadline deadline) {
    List<Integer> all = List.copyOf(partitions);
    return Steps.map(
        Steps.together(all.stream().map(partition -> ends(stream, partition, deadline)).toList()),
        found -> {
          Map<Integer, Ends> ends = new HashMap<>();
          for (int i = 0; i < all.size(); i++) {
            ends.put(all.get(i), found.get(i));
          }
          return ends;
        });
  }

  /** The offset of the last event. Schedules take offsets too, so that with some of them about the last event is looked for. */
  CompletableFuture<OptionalLong> latest(ResourceName stream, int partition, Deadline deadline) {
    return Steps.then(
        info(stream, partition, deadline),
        log -> {
          Answers.State state = Objects.requireNonNull(log.state());
          long last = state.lastSeq() - 1;
          return last < 0 || state.numSubjects() <= 1
              ? CompletableFuture.completedFuture(last < 0 ? OptionalLong.empty() : OptionalLong.of(last))
              : Steps.map(
                  get(stream, partition, Requests.Get.last(mapping.events(stream, partition)), deadline),
                  found -> OptionalLong.of(found.map(entry -> entry.seq() - 1).orElse(last)));
        });
  }

  /** The offset of the first event that was stored at this time or later; the end if there is none. */
  CompletableFuture<Long> since(ResourceName stream, int partition, Instant time, Deadline deadline) {
    return Steps.then(
        get(stream, partition, Requests.Get.since(time.toString(), mapping.events(stream, partition)), deadline),
        found ->
            found.isPresent()
                ? CompletableFuture.completedFuture(found.get().seq() - 1)
                : Steps.map(ends(stream, partition, deadline), Ends::next));
  }

  /** One message, from the leader, who knows the last. */
  private CompletableFuture<Optional<Entry>> get(ResourceName stream, int partition, Requests.Get which, Deadline deadline) {
    return get(caller, mapping.log(stream, partition), which, deadline);
  }

  /** One message of any JetStream stream, from its leader. */
  static CompletableFuture<Optional<Entry>> get(NatsCaller caller, String log, Requests.Get which, Deadline deadline) {
    return Steps.recover(
        Steps.map(
            caller.api("STREAM.MSG.GET." + log, which, Answers.Found.class, deadline),
            found -> Optional.of(Entry.of(Objects.requireNonNull(found.message())))),
        NotFoundException.class,
        none -> none.getMessage().contains("10037") ? CompletableFuture.completedFuture(Optional.empty()) : CompletableFuture.failedFuture(none));
  }

  /** What there is from an offset on. A replica may lag behind: that there is nothing more is for the leader to say. */
  CompletableFuture<ReadResult<byte[]>> read(ResourceName stream, int partition, long offset, int max, long maxBytes, Deadline deadline) {
    String log = mapping.log(stream, partition);
    String events = mapping.events(stream, partition);
    byte[] request = Json.bytes(new Requests.GetBatch(offset + 1, max, events, Math.max(1, maxBytes)));
    return Steps.then(
        caller.gather(log, "$JS.API.DIRECT.GET." + log, request, deadline),
        messages -> {
          List<dev.tributary.stream.Message<byte[]>> read = new ArrayList<>(messages.size());
          for (Message message : messages) {
            if (!message.isStatusMessage()) {
              read.add(NatsMapping.message(Entry.direct(message), partition));
            }
          }
          return read.isEmpty()
              ? Steps.map(
                  get(stream, partition, Requests.Get.next(offset + 1, events), deadline),
                  first -> first.map(entry -> result(List.of(NatsMapping.message(entry, partition)), offset)).orElse(result(List.of(), offset)))
              : CompletableFuture.completedFuture(result(read, offset));
        });
  }

  private static ReadResult<byte[]> result(List<dev.tributary.stream.Message<byte[]>> read, long offset) {
    return new ReadResult<>(read, read.isEmpty() ? offset : read.get(read.size() - 1).offset() + 1);
  }
}

package dev.tributary.nats;

import dev.tributary.ResourceName;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.nats.client.NatsCaller;
import dev.tributary.nats.client.Snapshot;
import dev.tributary.nats.wire.Answers;
import dev.tributary.nats.wire.Entry;
import dev.tributary.nats.wire.Json;
import dev.tributary.nats.wire.Requests;
import dev.tributary.nats.wire.StreamConfiguration;
import dev.tributary.nats.wire.Tokens;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What groups have committed, who their members are, and who has which partition: keys of a bucket, which are changed by comparing their revision. So
 * whoever lost a partition cannot commit, whatever it believes.
 */
final class Groups {
  static final String BUCKET = "trb-groups";
  private static final String LOG = "KV_" + BUCKET;
  private static final Duration MARKERS = Duration.ofSeconds(30);

  /** Without a sign of life for so long a member is dead. Longer than a cluster takes to elect a leader. */
  static final Duration SESSION = Duration.ofSeconds(15);

  private final NatsCaller caller;
  private final NatsMapping mapping;
  private final NatsReplicas replicas;

  Groups(NatsCaller caller, NatsMapping mapping, NatsReplicas replicas) {
    this.caller = caller;
    this.mapping = mapping;
    this.replicas = replicas;
  }

  /**
   * How a partition stands with a group.
   *
   * @param owner the member that has it; empty for nobody
   * @param epoch how often it was taken
   * @param next the next offset to read, as it was committed; null for never
   * @param start where the group began; null if it never did
   */
  record Place(String owner, long epoch, @Nullable Long next, @Nullable Long start) {
    static final Place NOWHERE = new Place("", 0, null, null);

    Place taken(String by) {
      return new Place(by, epoch + 1, next, start);
    }

    Place given() {
      return new Place("", epoch, next, start);
    }

    Place at(long committed) {
      return new Place(owner, epoch, committed, start);
    }

    Place from(long begun) {
      return new Place(owner, epoch, next, begun);
    }
  }

  /** A place and its revision; 0 for one that is not written down. */
  record Held(Place place, long revision) {
    static final Held NOTHING = new Held(Place.NOWHERE, 0);
  }

  /** A group at one moment. */
  record State(Set<String> members, Map<Integer, Held> places) {}

  private String places(ResourceName stream, String group) {
    return "$KV." + BUCKET + ".p." + mapping.flat(stream) + "." + Tokens.token(group) + ".";
  }

  private String members(ResourceName stream, String group) {
    return "$KV." + BUCKET + ".m." + mapping.flat(stream) + "." + Tokens.token(group) + ".";
  }

  /** On this subject everything is published that changes a group, but for what expires. */
  String news(ResourceName stream, String group) {
    return "$KV." + BUCKET + ".*." + mapping.flat(stream) + "." + Tokens.token(group) + ".>";
  }

  // The bucket.

  /** Makes the bucket if it is missing, and does it again. */
  private <T> CompletableFuture<T> made(CompletableFuture<T> call, Deadline deadline, Supplier<CompletableFuture<T>> again) {
    return Steps.recover(
        call,
        NotFoundException.class,
        missing ->
            Steps.then(
                replicas.count(),
                count ->
                    Steps.then(
                        caller.api(
                            "STREAM.CREATE." + LOG,
                            StreamConfiguration.bucket(BUCKET, count, NatsMapping.nanos(MARKERS), null),
                            Answers.Done.class,
                            deadline),
                        there -> again.get())));
  }

  private CompletableFuture<Long> store(String key, byte[] value, Headers headers, Deadline deadline) {
    return made(put(key, value, headers, deadline), deadline, () -> put(key, value, headers, deadline));
  }

  private CompletableFuture<Long> put(String key, byte[] value, Headers headers, Deadline deadline) {
    return Steps.map(caller.store(LOG, key, headers, value, deadline), Answers.Stored::seq);
  }

  // Places.

  /** How a partition stands now. */
  CompletableFuture<Held> place(ResourceName stream, String group, int partition, Deadline deadline) {
    return Steps.recover(
        Steps.map(
            Logs.get(caller, LOG, Requests.Get.last(places(stream, group) + partition), deadline),
            found -> found.map(Groups::held).orElse(Held.NOTHING)),
        NotFoundException.class,
        none -> CompletableFuture.completedFuture(Held.NOTHING));
  }

  private static Held held(Entry entry) {
    if (gone(entry)) {
      return new Held(Place.NOWHERE, entry.seq());
    }
    try {
      return new Held(Json.read(entry.data(), Place.class), entry.seq());
    } catch (IOException malformed) {
      // Written by somebody else: it is written anew.
      return new Held(Place.NOWHERE, entry.seq());
    }
  }

  private static boolean gone(Entry entry) {
    return entry.header("KV-Operation") != null || entry.header("Nats-Marker-Reason") != null;
  }

  /** Writes it down if it is still as it was; {@code ConflictException} if not. */
  CompletableFuture<Held> replace(ResourceName stream, String group, int partition, Held before, Place after, Deadline deadline) {
    Headers headers = new Headers().put(NatsMapping.EXPECTED, Long.toString(before.revision()));
    return Steps.map(
        store(places(stream, group) + partition, Json.bytes(after), headers, deadline), revision -> new Held(after, revision));
  }

  /** Commits from outside: whoever has the partition keeps it. */
  CompletableFuture<Void> commit(ResourceName stream, String group, int partition, long next, Deadline deadline) {
    return Steps.recover(
        Steps.then(
            place(stream, group, partition, deadline),
            held -> Steps.map(replace(stream, group, partition, held, held.place().at(next), deadline), done -> (Void) null)),
        ConflictException.class,
        changed -> deadline.expired() ? CompletableFuture.failedFuture(changed) : commit(stream, group, partition, next, deadline));
  }

  CompletableFuture<OptionalLong> committed(ResourceName stream, String group, int partition, Deadline deadline) {
    return Steps.map(place(stream, group, partition, deadline), held -> optional(held.place().next()));
  }

  static OptionalLong optional(@Nullable Long number) {
    return number == null ? OptionalLong.empty() : OptionalLong.of(number);
  }

  // Members.

  /** Says that a member lives. */
  CompletableFuture<Void> live(ResourceName stream, String group, String member, Deadline deadline) {
    Headers headers = new Headers().put(NatsMapping.TTL, NatsMapping.seconds(SESSION));
    return Steps.map(store(members(stream, group) + member, NatsMapping.bytes("{}"), headers, deadline), done -> null);
  }

  /** Says that it does not any more. */
  CompletableFuture<Void> leave(ResourceName stream, String group, String member, Deadline deadline) {
    Headers headers = new Headers().put("KV-Operation", "PURGE").put("Nats-Rollup", "sub").put(NatsMapping.TTL, NatsMapping.seconds(SESSION));
    return Steps.map(store(members(stream, group) + member, new byte[0], headers, deadline), done -> null);
  }

  /** Members and places, by a replica: what is changed because of it is compared. */
  CompletableFuture<State> state(ResourceName stream, String group, Deadline deadline) {
    String places = places(stream, group);
    String members = members(stream, group);
    byte[] request = Json.bytes(new Requests.GetLast(List.of(places + ">", members + ">")));
    return Steps.recover(
        Steps.map(
            caller.gather(LOG, "$JS.API.DIRECT.GET." + LOG, request, deadline),
            messages -> {
              State state = new State(new TreeSet<>(), new HashMap<>());
              for (Message message : messages) {
                if (!message.isStatusMessage()) {
                  add(state, Entry.direct(message), places, members);
                }
              }
              return state;
            }),
        NotFoundException.class,
        none -> CompletableFuture.completedFuture(new State(Set.of(), Map.of())));
  }

  private static void add(State state, Entry entry, String places, String members) {
    if (entry.subject().startsWith(places)) {
      state.places().put(Integer.parseInt(entry.subject().substring(places.length())), held(entry));
    } else if (entry.subject().startsWith(members) && !gone(entry)) {
      state.members().add(entry.subject().substring(members.length()));
    }
  }

  // Groups.

  /** Those of a stream that committed or have members, by name. */
  CompletableFuture<List<String>> of(ResourceName stream, Deadline deadline) {
    return Steps.recover(
        Steps.map(
            Snapshot.of(caller, LOG, "$KV." + BUCKET + ".*." + mapping.flat(stream) + ".>", false, deadline),
            entries ->
                entries.stream()
                    .filter(entry -> !gone(entry) && (entry.subject().startsWith("$KV." + BUCKET + ".m.") || held(entry).place().next() != null))
                    .map(entry -> Tokens.text(entry.subject().split("\\.")[4]))
                    .collect(Collectors.toCollection(TreeSet::new))
                    .stream()
                    .toList()),
        NotFoundException.class,
        none -> CompletableFuture.completedFuture(List.of()));
  }

  /** Deletes a group without members. */
  CompletableFuture<Void> delete(ResourceName stream, String group, Deadline deadline) {
    return Steps.then(
        state(stream, group, deadline),
        state -> {
          if (!state.members().isEmpty()) {
            throw new ConflictException(ErrorInfo.of("the group " + group + " has members", "Close its consumers first"));
          }
          if (state.places().values().stream().allMatch(held -> held.place().next() == null)) {
            throw new NotFoundException(ErrorInfo.of("there is no group " + group, "Look at groups() for those that there are"));
          }
          return purge(places(stream, group) + ">", deadline);
        });
  }

  /** Forgets all groups of a stream that was deleted. */
  CompletableFuture<Void> forget(ResourceName stream, Deadline deadline) {
    return Steps.recover(
        purge("$KV." + BUCKET + ".*." + mapping.flat(stream) + ".>", deadline), NotFoundException.class, none -> CompletableFuture.completedFuture(null));
  }

  private CompletableFuture<Void> purge(String keys, Deadline deadline) {
    return Steps.map(caller.api("STREAM.PURGE." + LOG, new Requests.Purge(keys), Answers.Purged.class, deadline), done -> null);
  }
}

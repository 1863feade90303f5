package dev.tributary.internal.stream;

import dev.tributary.AsyncCloseable;
import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Serial;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.StreamSelection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The streams of a consumer of several, as they come and go: a {@link StreamConsumer} for each, with an equal part of the prefetch.
 *
 * <p>This is the lock of such a consumer. The locks of its parts are taken while it is held, and never the other way round; neither user code nor a
 * source is called.
 */
final class Members<T> {
  private static final System.Logger LOG = System.getLogger("dev.tributary.consumer");

  private final ManyConsumer<T> whole;
  private final StreamSelection selection;
  private final ConsumerOptions options;
  private final int prefetch;
  private final int prefetchBytes;
  private final Serial listeners;
  private final Map<ResourceName, Member<T>> all = new LinkedHashMap<>();
  /** Deleted: what a group committed there does not hold for what comes again under the name. The latest only. */
  private final Set<ResourceName> gone = new LinkedHashSet<>();
  private boolean closed;

  Members(ManyConsumer<T> whole, StreamSelection selection, ConsumerOptions options) {
    this.whole = whole;
    this.selection = selection;
    this.options = options;
    this.prefetch = options.prefetch().orElse(whole.calls.config().prefetch());
    this.prefetchBytes = options.prefetchBytes().orElse(whole.calls.config().prefetchBytes());
    this.listeners = new Serial(whole.calls);
  }

  /** Those that are read. */
  synchronized List<Member<T>> reading() {
    return all.values().stream().filter(member -> !member.leaving).toList();
  }

  /** The one of this name; refused if it is not read. */
  synchronized Member<T> get(ResourceName stream) {
    Member<T> member = all.get(stream);
    if (member == null || member.leaving) {
      throw InvalidRequestException.of("the stream " + stream + " is not read by this consumer", "Look at its assignment()");
    }
    return member;
  }

  /** All of them, also those that leave; none joins any more. */
  synchronized List<Member<T>> close() {
    closed = true;
    return List.copyOf(all.values());
  }

  synchronized void clear() {
    all.clear();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** The streams that are given by name. */
  void name(Set<ResourceName> names) {
    names.forEach(name -> join(new Member<>(name, true), options.start(), names.size()));
  }

  /** These match the patterns now. Refused if they are too many with those that are named. */
  void found(Set<ResourceName> matching, boolean first) {
    List<Member<T>> going = new ArrayList<>();
    List<ResourceName> coming = new ArrayList<>();
    int size;
    synchronized (this) {
      if (closed) {
        return;
      }
      Set<ResourceName> wanted = new LinkedHashSet<>(matching);
      all.values().stream().filter(member -> member.named).forEach(member -> wanted.add(member.name));
      if (wanted.size() > selection.maxStreams()) {
        throw InvalidRequestException.of(
            wanted.size() + " streams match, more than " + selection.maxStreams(), "Narrow the pattern, or raise maxStreams");
      }
      for (Member<T> member : all.values()) {
        boolean found = wanted.contains(member.name);
        member.missed = found ? 0 : member.missed + 1;
        if (member.leaving) {
          member.again = found;
        } else if (member.missed > 1) {
          going.add(member);
        }
      }
      wanted.stream().filter(name -> !all.containsKey(name)).forEach(coming::add);
      size = all.size() + coming.size();
    }
    going.forEach(this::leave);
    spread(size);
    coming.forEach(name -> tryJoin(name, first ? options.start() : later(name), size));
  }

  /** Where a stream begins that was not there before. */
  private synchronized StartAt later(ResourceName name) {
    boolean anew = gone.remove(name) || options.group() == null || options.start() == StartAt.earliest();
    return anew ? StartAt.earliest() : StartAt.committed();
  }

  /** Each has an equal part. */
  private void spread(int count) {
    reading().forEach(member -> member.consumer().resize(part(prefetch, count), part(prefetchBytes, count)));
  }

  private static int part(int of, int count) {
    return Math.max(1, of / Math.max(1, count));
  }

  private void tryJoin(ResourceName name, StartAt start, int count) {
    try {
      join(new Member<>(name, false), start, count);
    } catch (TributaryException refused) {
      whole.fail(null, refused);
    }
  }

  /** One of so many. */
  private void join(Member<T> member, StartAt start, int count) {
    ConsumerOptions own =
        options
            .toBuilder()
            .start(start)
            .prefetch(part(prefetch, count))
            .prefetchBytes(part(prefetchBytes, count))
            .onAssigned(partitions -> assigned(member, partitions))
            .onState(state -> whole.changed(member))
            .build();
    StreamConsumer<T> consumer = whole.stream(member.name).consumer(own, prefetch, whole.polling::serve);
    member.consumer(consumer);
    boolean late;
    synchronized (this) {
      late = closed || all.putIfAbsent(member.name, member) != null;
    }
    if (late) {
      consumer.closeAsync(Duration.ZERO);
      return;
    }
    consumer.begin();
    whole.joined(member);
  }

  private void assigned(Member<T> member, Set<Integer> partitions) {
    boolean first;
    synchronized (this) {
      first = !member.told;
      member.told = true;
    }
    if (first) {
      tell(selection.onJoined(), member.name);
    }
    options.onAssigned().accept(partitions);
  }

  private void tell(Consumer<ResourceName> listener, ResourceName stream) {
    try {
      listener.accept(stream);
    } catch (Throwable thrown) {
      LOG.log(System.Logger.Level.ERROR, "A listener of the streams of a consumer threw", thrown);
    }
  }

  synchronized boolean isLeaving(Member<T> member) {
    return member.leaving;
  }

  /** It was deleted: it is read no more, and nobody is told of an error. */
  void leave(Member<T> member) {
    synchronized (this) {
      if (closed || member.leaving) {
        return;
      }
      member.leaving = true;
    }
    member.consumer().closeAsync(AsyncCloseable.CLOSE_TIMEOUT).whenComplete((left, error) -> left(member));
  }

  private void left(Member<T> member) {
    boolean again;
    boolean told;
    int size;
    synchronized (this) {
      if (closed) {
        return;
      }
      all.remove(member.name);
      gone.remove(member.name);
      gone.add(member.name);
      if (gone.size() > selection.maxStreams()) {
        gone.remove(gone.iterator().next());
      }
      again = member.again;
      told = member.told;
      size = all.size();
    }
    if (told) {
      listeners.execute(() -> tell(selection.onLeft(), member.name));
    }
    spread(again ? size + 1 : size);
    if (again) {
      tryJoin(member.name, later(member.name), size + 1);
    }
    whole.tellState();
  }
}

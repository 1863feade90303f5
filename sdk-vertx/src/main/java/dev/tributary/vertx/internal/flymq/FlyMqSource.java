package dev.tributary.vertx.internal.flymq;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.source.Cursor;
import dev.tributary.vertx.internal.source.Page;
import dev.tributary.vertx.internal.source.PagedSource;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A subscription: it reads page after page. A group only keeps what was committed; nobody shares its partitions out, so that each member reads all. */
final class FlyMqSource extends PagedSource {
  private final FlyMqCaller caller;
  private final Topics topics;
  private final Groups groups;
  private final Places places;
  private final String topic;
  /** The group's name on the wire. */
  private final @Nullable String group;
  private final Wanted wanted;
  private final Consumer<FlyMqSource> onOver;

  FlyMqSource(
      FlyMqCaller caller,
      Topics topics,
      Groups groups,
      FlyMqMapping mapping,
      Network network,
      SubscribeSpec spec,
      SourceObserver<Message<byte[]>> observer,
      Consumer<FlyMqSource> onOver) {
    super(caller.loop(), network, spec, Topics.PAGE, FlyMqDriver.BYTES, observer);
    this.caller = caller;
    this.topics = topics;
    this.groups = groups;
    this.topic = mapping.topic(spec.stream());
    this.group = spec.group() == null ? null : mapping.group(spec.group());
    this.wanted = Wanted.of(spec.filter());
    this.places = new Places(topics, groups, spec, topic, group);
    this.onOver = onOver;
  }

  /** A server has these answers at once. */
  private <R> CompletableFuture<R> soon(Function<Deadline, CompletableFuture<R>> call) {
    return caller.within(caller.patience(), call);
  }

  @Override
  protected void open(int session) {
    if (began()) {
      position(session);
    } else {
      ask(session, Steps.map(soon(deadline -> topics.ask(topic, deadline)), details -> chosen(details.partitions(), details::checked)), this::assigned);
    }
  }

  @Override
  protected CompletableFuture<Starts> starts(Collection<Cursor> fresh) {
    Set<Integer> partitions = fresh.stream().map(Cursor::partition).collect(Collectors.toSet());
    return soon(deadline -> places.begin(partitions, deadline));
  }

  @Override
  protected CompletableFuture<Map<Integer, Long>> find(Map<Integer, StartAt> sought, Deadline deadline) {
    return places.find(sought, deadline);
  }

  @Override
  protected CompletableFuture<Map<Integer, Ends>> ends(Set<Integer> partitions) {
    return soon(deadline -> topics.ends(topic, partitions, deadline));
  }

  @Override
  protected CompletableFuture<Page> fetch(int partition, long offset, int max) {
    return soon(deadline -> topics.page(topic, partition, offset, max, wanted, deadline));
  }

  /** Else whoever begins after this finds the same. */
  @Override
  protected void resetTo(int partition, long offset) {
    if (group != null) {
      String known = group;
      soon(deadline -> groups.commit(topic, known, Map.of(partition, offset), deadline));
    }
  }

  @Override
  protected void over() {
    onOver.accept(this);
  }

  @Override
  public CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets, Deadline deadline) {
    return group == null
        ? CompletableFuture.failedFuture(InvalidRequestException.of("a commit without a group", "Subscribe with a group to commit"))
        : groups.commit(topic, group, nextOffsets, deadline);
  }
}

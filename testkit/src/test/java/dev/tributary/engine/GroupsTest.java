package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.admin.StreamConfig;
import dev.tributary.error.ConflictException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Event;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupsTest extends EngineFixture {
  private final StreamTransport streams = transport.streams().orElseThrow();
  private final Recorder<Message<byte[]>> a = recorder();
  private final Recorder<Message<byte[]>> b = recorder();
  private final Recorder<Message<byte[]>> c = recorder();

  private static Recorder<Message<byte[]>> recorder() {
    return new Recorder<>(message -> message.partition() + "/" + show(message));
  }

  @BeforeEach
  void createStream() {
    now(transport.admin().orElseThrow().createStream(name("s"), StreamConfig.partitions(4), deadline));
  }

  private StreamSource join(Recorder<Message<byte[]>> recorder) {
    return join(transport, StartAt.committed(), recorder);
  }

  private StreamSource join(MemoryTransport from, StartAt start, Recorder<Message<byte[]>> recorder) {
    StreamSource source =
        from.streams().orElseThrow().subscribe(new SubscribeSpec(name("s"), "g", Set.of(), start, 16), recorder);
    source.request(1000);
    return source;
  }

  private void put(int partition, String value) {
    publish("s", Event.builder(bytes(value)).partition(partition).build());
  }

  @Test
  void membersShareThePartitionsAndFewMove() {
    StreamSource first = join(a);
    assertThat(a.news()).containsExactly("LIVE", "+[0, 1, 2, 3]");
    join(b);
    assertThat(a.news()).containsExactly("-[2, 3]");
    assertThat(b.news()).containsExactly("LIVE", "+[2, 3]");
    StreamSource third = join(c);
    assertThat(a.news()).isEmpty();
    assertThat(b.news()).containsExactly("-[3]");
    assertThat(c.news()).containsExactly("LIVE", "+[3]");
    now(first.close());
    assertThat(b.news()).containsExactly("+[0]");
    assertThat(c.news()).containsExactly("+[1]");
    now(third.close());
    assertThat(b.news()).containsExactly("+[1, 3]");
  }

  @Test
  void aGroupSaysWhoReadsWhat() {
    StreamSource first = join(a);
    join(b);
    assertThat(now(streams.groupState(name("s"), "g", deadline)).members())
        .extracting(GroupState.Member::partitions)
        .containsExactlyInAnyOrder(Set.of(0, 1), Set.of(2, 3));
    now(first.close());
    assertThat(now(streams.groupState(name("s"), "g", deadline)).members())
        .extracting(GroupState.Member::partitions)
        .containsExactly(Set.of(0, 1, 2, 3));
  }

  @Test
  void aDeletedGroupHasCommittedNothing() {
    assertThat(error(streams.deleteGroup(name("s"), "g", deadline))).isInstanceOf(NotFoundException.class);
    StreamSource member = join(a);
    now(member.commit(Map.of(1, 5L), deadline));
    assertThat(error(streams.deleteGroup(name("s"), "g", deadline))).isInstanceOf(ConflictException.class);
    now(member.close());
    now(streams.deleteGroup(name("s"), "g", deadline));
    assertThat(now(streams.committed(name("s"), "g", 1, deadline))).isEmpty();
    assertThat(now(streams.groups(name("s"), deadline))).isEmpty();
  }

  @Test
  void aMemberTooManyWaitsForAPartition() {
    for (int i = 0; i < 4; i++) {
      join(recorder());
    }
    StreamSource fifth = join(a);
    assertThat(a.news()).containsExactly("LIVE", "+[]");
    now(fifth.close());
  }

  @Test
  void everyMessageGoesToOneMember() {
    join(a);
    join(b);
    for (int p = 0; p < 4; p++) {
      put(p, "v");
    }
    a.news();
    b.news();
    assertThat(a.items).extracting(Message::partition).containsExactlyInAnyOrder(0, 1);
    assertThat(b.items).extracting(Message::partition).containsExactlyInAnyOrder(2, 3);
  }

  @Test
  void whoTakesOverBeginsWhereTheGroupCommitted() {
    StreamSource first = join(a);
    put(3, "x");
    put(3, "y");
    put(3, "z");
    now(first.commit(Map.of(3, 2L), deadline));
    join(b);
    assertThat(b.news()).containsExactly("LIVE", "+[2, 3]", "3/2:z");
  }

  @Test
  void whoTakesOverWithoutACommitBeginsWhereTheFormerReaderBegan() {
    put(3, "before");
    join(transport, StartAt.latest(), a);
    put(3, "x");
    join(transport, StartAt.latest(), b);
    put(3, "y");
    assertThat(b.news()).as("nothing is lost between the two").containsExactly("LIVE", "+[2, 3]", "3/1:x", "3/2:y");
  }

  @Test
  void anEmptyGroupForgetsWhereItBeganButNotItsCommits() {
    StreamSource first = join(transport, StartAt.latest(), a);
    put(0, "x");
    put(1, "y");
    now(first.commit(Map.of(0, 1L), deadline));
    now(first.close());
    join(b);
    assertThat(b.news()).containsExactly("LIVE", "+[0, 1, 2, 3]", "1/0:y");
  }

  @Test
  void aCommitForALostPartitionIsRefused() {
    StreamSource first = join(a);
    put(0, "x");
    put(3, "x");
    join(b);
    assertThat(error(first.commit(Map.of(0, 1L, 3, 1L), deadline))).isInstanceOf(ConflictException.class);
    assertThat(now(streams.committed(name("s"), "g", 0, deadline))).as("all or nothing").isEmpty();
    now(first.commit(Map.of(0, 1L), deadline));
    assertThat(now(streams.committed(name("s"), "g", 0, deadline))).isEqualTo(OptionalLong.of(1));
    now(first.close());
    assertThat(error(first.commit(Map.of(0, 1L), deadline))).isInstanceOf(ConflictException.class);
  }

  @Test
  void nothingOfALostPartitionIsDelivered() {
    StreamSource first =
        streams.subscribe(new SubscribeSpec(name("s"), "g", Set.of(), StartAt.committed(), 16), a);
    put(3, "x");
    join(b);
    first.request(10);
    assertThat(a.news()).containsExactly("LIVE", "+[0, 1, 2, 3]", "-[2, 3]");
    assertThat(b.news()).containsExactly("LIVE", "+[2, 3]", "3/0:x");
  }

  @Test
  void aClosedConnectionLeavesItsGroups() {
    MemoryTransport other = engine.connect();
    join(other, StartAt.committed(), a);
    join(b);
    b.news();
    now(other.close());
    assertThat(b.news()).containsExactly("+[0, 1]");
    assertThat(a.news()).endsWith("end ClientClosedException");
  }

  @Test
  void ownPartitionsAreNotBalanced() {
    join(a);
    a.news();
    StreamSource fixed = streams.subscribe(new SubscribeSpec(name("s"), "g", Set.of(1), StartAt.committed(), 16), b);
    fixed.request(10);
    put(1, "x");
    assertThat(a.news()).containsExactly("1/0:x");
    assertThat(b.news()).containsExactly("LIVE", "+[1]", "1/0:x");
    now(fixed.commit(Map.of(1, 1L), deadline));
    assertThat(error(fixed.commit(Map.of(0, 1L), deadline))).isInstanceOf(ConflictException.class);
    assertThat(now(streams.committed(name("s"), "g", 1, deadline))).isEqualTo(OptionalLong.of(1));
  }

  @Test
  void aGroupThatOthersLeftWithoutATraceStillCommits() {
    StreamSource fixed = streams.subscribe(new SubscribeSpec(name("s"), "g", Set.of(1), StartAt.latest(), 16), b);
    now(join(a).close());
    now(fixed.commit(Map.of(1, 1L), deadline));
    assertThat(now(streams.committed(name("s"), "g", 1, deadline))).isEqualTo(OptionalLong.of(1));
  }

  @Test
  void commitsFromOutsideMayGoBack() {
    now(streams.commit(name("s"), "g", new Position(0, 7), deadline));
    now(streams.commit(name("s"), "g", new Position(0, 3), deadline));
    assertThat(now(streams.committed(name("s"), "g", 0, deadline))).isEqualTo(OptionalLong.of(3));
    assertThat(now(streams.committed(name("s"), "other", 0, deadline))).isEmpty();
    assertThat(error(streams.commit(name("s"), "g", new Position(0, -1), deadline))).isInstanceOf(InvalidRequestException.class);
    assertThat(error(streams.commit(name("s"), "g", new Position(9, 1), deadline))).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void stateAndListing() {
    put(0, "x");
    put(0, "y");
    now(streams.commit(name("s"), "g", new Position(0, 1), deadline));
    GroupState state = now(streams.groupState(name("s"), "g", deadline));
    assertThat(state.lag()).isEqualTo(1);
    assertThat(state.partitions()).hasSize(4);
    assertThat(state.partitions().get(0))
        .isEqualTo(new GroupState.PartitionState(0, OptionalLong.of(1), OptionalLong.of(1), 1));
    assertThat(state.partitions().get(1))
        .isEqualTo(new GroupState.PartitionState(1, OptionalLong.empty(), OptionalLong.empty(), 0));
    assertThat(now(streams.groupState(name("s"), "unknown", deadline)).lag()).isEqualTo(2);
    assertThat(now(streams.groups(name("s"), deadline))).containsExactly("g");
    StreamSource member = streams.subscribe(new SubscribeSpec(name("s"), "live", Set.of(), StartAt.latest(), 1), a);
    assertThat(now(streams.groups(name("s"), deadline))).containsExactly("g", "live");
    now(member.close());
    assertThat(now(streams.groups(name("s"), deadline))).containsExactly("g");
  }

  @Test
  void seekToCommitted() {
    StreamSource source = join(a);
    put(0, "x");
    put(0, "y");
    now(source.commit(Map.of(0, 1L), deadline));
    a.news();
    assertThat(now(source.seek(Map.of(0, StartAt.committed()), deadline))).isEqualTo(Map.of(0, 1L));
    assertThat(a.news()).containsExactly("0/1:y");
  }

  /** Keeps a partition until it is told to let go. */
  private static final class Holding extends Recorder<Message<byte[]>> {
    final CompletableFuture<Void> letGo = new CompletableFuture<>();

    Holding() {
      super(message -> message.partition() + "/" + show(message));
    }

    @Override
    public CompletableFuture<Void> onRevoking(Set<Integer> partitions) {
      signals.add("?" + new TreeSet<>(partitions));
      return letGo;
    }
  }

  @Test
  void aPartitionMovesWhenItsMemberHasCommittedForIt() {
    Holding holding = new Holding();
    StreamSource first = join(transport, StartAt.committed(), holding);
    put(3, "v");
    join(b);
    assertThat(holding.news()).containsExactly("LIVE", "+[0, 1, 2, 3]", "3/0:v", "?[2, 3]");
    assertThat(b.news()).containsExactly("LIVE");
    put(3, "w");
    now(first.commit(Map.of(3, 1L), deadline));
    holding.letGo.complete(null);
    assertThat(holding.news()).containsExactly("-[2, 3]");
    assertThat(b.news()).containsExactly("+[2, 3]", "3/1:w");
    assertThat(error(first.commit(Map.of(3, 1L), deadline))).isInstanceOf(ConflictException.class);
  }

  @Test
  void aMemberThatDoesNotLetGoIsNotWaitedForForEver() {
    Holding holding = new Holding();
    join(transport, StartAt.committed(), holding);
    join(b);
    seconds(4);
    assertThat(b.news()).containsExactly("LIVE");
    seconds(1);
    assertThat(b.news()).containsExactly("+[2, 3]");
    holding.letGo.complete(null);
    assertThat(holding.news()).containsExactly("LIVE", "+[0, 1, 2, 3]", "?[2, 3]", "-[2, 3]");
  }

  @Test
  void whoLeavesWhileItHandsOverLeavesEverything() {
    Holding holding = new Holding();
    StreamSource first = join(transport, StartAt.committed(), holding);
    join(b);
    now(first.close());
    assertThat(b.news()).containsExactly("LIVE", "+[0, 1, 2, 3]");
    holding.letGo.complete(null);
    assertThat(b.news()).isEmpty();
  }

  @Test
  void whatAGroupCommittedBeyondTheEndIsNotThereAnyMore() {
    now(streams.commit(name("s"), "g", new Position(0, 7), deadline));
    join(a);
    assertThat(a.error).isInstanceOf(OffsetOutOfRangeException.class);
    Recorder<Message<byte[]>> fromTheFirst = recorder();
    StreamSource source =
        streams.subscribe(new SubscribeSpec(name("s"), "g", Set.of(), StartAt.committed(), OffsetReset.EARLIEST, 16), fromTheFirst);
    source.request(10);
    put(0, "v");
    assertThat(fromTheFirst.news()).containsExactly("LIVE", "+[0, 1, 2, 3]", "0/0:v");
  }
}

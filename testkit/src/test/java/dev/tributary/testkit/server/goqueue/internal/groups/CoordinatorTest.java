package dev.tributary.testkit.server.goqueue.internal.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedCoordinator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who reads what, in virtual time. */
class CoordinatorTest {
  private static final String GROUP = "workers";
  private static final String TOPIC = "orders";

  private final VirtualTime time = new VirtualTime();
  private final List<String> moved = new ArrayList<>();
  private Coordinator coordinator = new Coordinator(time, moved::add);

  @BeforeEach
  void start() {
    coordinator.start();
  }

  private void asShipped() {
    coordinator = new ShippedCoordinator(time, moved::add);
    coordinator.start();
  }

  private String join(String client, int partitions) {
    return coordinator.join(GROUP, client, List.of(TOPIC), partitions, false, (group, member) -> member.id());
  }

  private String cooperate(String client, int partitions) {
    return coordinator.join(GROUP, client, List.of(TOPIC), partitions, true, (group, member) -> member.id());
  }

  private void leave(String member) {
    coordinator.in(
        GROUP,
        group -> {
          group.leave(group.member(member, "no member"), time.nanos());
          return group;
        });
  }

  private void heartbeat(String member) {
    coordinator.in(
        GROUP,
        group -> {
          group.member(member, "no member").hear(time.now(), time.nanos());
          return group;
        });
  }

  private CooperativeRebalance.Report report(String member) {
    heartbeat(member);
    return coordinator.in(GROUP, group -> group.rebalance().report(group.member(member, "no member")));
  }

  private int revoke(String member, Set<Integer> partitions) {
    return coordinator.in(
        GROUP, group -> group.rebalance().revoked(group.member(member, "no member"), group.generation(), partitions));
  }

  private Map<String, SortedSet<Integer>> assignment() {
    return coordinator.in(
        GROUP,
        group -> {
          Map<String, SortedSet<Integer>> all = new TreeMap<>();
          group.members().forEach(member -> all.put(member.id(), new TreeSet<>(member.partitions())));
          return all;
        });
  }

  private String state() {
    return coordinator.in(GROUP, Group::state);
  }

  private int generation() {
    return coordinator.in(GROUP, Group::generation);
  }

  private static Set<Integer> partitions(int count) {
    return new TreeSet<>(IntStream.range(0, count).boxed().toList());
  }

  @Test
  void dealsContiguousBlocksInTheOrderOfTheIds() {
    String c = join("c", 5);
    String a = join("a", 5);
    assertThat(assignment()).isEqualTo(Map.of(a, Set.of(0, 1, 2), c, Set.of(3, 4)));
    String b = join("b", 5);
    assertThat(assignment()).isEqualTo(Map.of(a, Set.of(0, 1), b, Set.of(2, 3), c, Set.of(4)));
    assertThat(generation()).isEqualTo(3);
    assertThat(coordinator.<String>in(GROUP, group -> group.leader().id())).isEqualTo(c);
    leave(c);
    assertThat(assignment()).isEqualTo(Map.of(a, Set.of(0, 1, 2), b, Set.of(3, 4)));
    assertThat(coordinator.<String>in(GROUP, group -> group.leader().id())).isEqualTo(a);
    assertThat(moved).containsExactly(TOPIC, TOPIC, TOPIC, TOPIC);
  }

  @Test
  void whoComesWhenAllIsDealtOutGetsNothing() {
    String a = join("a", 1);
    String b = join("b", 1);
    assertThat(assignment()).isEqualTo(Map.of(a, Set.of(0), b, Set.of()));
  }

  @Test
  void givesEverybodyANameOfTheirOwnWheneverTheyJoin() {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      ids.add(join("same", 1));
    }
    assertThat(ids).hasSize(20).allMatch(id -> id.matches("same-[0-9a-f]+"));
  }

  @Test
  void whoIsSilentForThirtySecondsIsOut() {
    String silent = join("a", 2);
    String heard = join("b", 2);
    time.advance(Duration.ofSeconds(29));
    heartbeat(heard);
    moved.clear();
    time.advance(Duration.ofSeconds(1));
    assertThat(moved).containsExactly(TOPIC);
    assertThat(assignment()).isEqualTo(Map.of(heard, Set.of(0, 1)));
    assertThat(generation()).isEqualTo(3);
    assertThatThrownBy(() -> heartbeat(silent)).hasMessage("no member");
    time.advance(Duration.ofSeconds(29));
    assertThat(state()).isEqualTo("Empty");
    assertThat(generation()).isEqualTo(4);
  }

  @Test
  void outlivesARestartWithAWholeSessionForEverybody() {
    String member = join("a", 1);
    time.advance(Duration.ofSeconds(20));
    coordinator.stop();
    time.advance(Duration.ofHours(1));
    coordinator.start();
    time.advance(Duration.ofSeconds(29));
    assertThat(assignment()).containsKey(member);
    time.advance(Duration.ofSeconds(1));
    assertThat(assignment()).isEmpty();
  }

  @Test
  void isForgottenInARestartAsItIsShipped() {
    asShipped();
    join("a", 1);
    coordinator.stop();
    coordinator.start();
    assertThatThrownBy(this::state).hasMessage("group not found");
  }

  @Test
  void hasNoTimerLeftWhenItIsStoppedOrEmpty() {
    String member = join("a", 1);
    assertThat(time.pendingTimers()).isEqualTo(1);
    leave(member);
    time.advance(Group.SESSION);
    assertThat(time.pendingTimers()).isZero();
    join("b", 1);
    coordinator.stop();
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void refusesWhoDoesNotFitOrIsOneTooMany() {
    join("a", 1);
    assertThatThrownBy(() -> cooperate("b", 1)).hasMessage("failed to join group: the members of group workers do not cooperate");
    for (int i = 1; i < Group.MOST_MEMBERS; i++) {
      join("a", 1);
    }
    assertThatThrownBy(() -> join("b", 1)).hasMessage("failed to join group: group workers has 1000 members already");
    time.advance(Group.SESSION);
    cooperate("b", 1);
    assertThatThrownBy(() -> join("b", 1)).hasMessage("failed to join group: the members of group workers cooperate");
  }

  @Test
  void refusesOneGroupTooMany() {
    for (int i = 0; i < Coordinator.MOST_GROUPS; i++) {
      coordinator.join("g" + i, "a", List.of(TOPIC), 1, false, (group, member) -> member.id());
    }
    assertThatThrownBy(() -> join("a", 1)).hasMessage("failed to join group: there are 10000 groups already");
    coordinator.delete("g7");
    join("a", 1);
  }

  @Test
  void movesAsFewPartitionsAsItCanAndThenIsDone() {
    String a = cooperate("a", 4);
    assertThat(state()).isEqualTo("Rebalancing");
    assertThat(assignment()).isEqualTo(Map.of(a, Set.of()));
    assertThat(report(a).assigned()).isEqualTo(partitions(4));
    assertThat(state()).isEqualTo("Stable");

    String b = cooperate("b", 4);
    assertThat(generation()).isEqualTo(2);
    CooperativeRebalance.Report told = report(a);
    assertThat(told.active()).isTrue();
    assertThat(told.revoke()).containsExactly(2, 3);
    assertThat(told.assigned()).isNull();
    assertThat(told.generation()).as("what it knew before").isEqualTo(1);
    assertThat(told.deadline()).isEqualTo(time.now().plusSeconds(60));
    assertThat(report(b).assigned()).isNull();
    assertThat(assignment()).as("read on meanwhile").isEqualTo(Map.of(a, partitions(4), b, Set.of()));

    assertThat(revoke(a, Set.of(2))).isEqualTo(1);
    assertThat(revoke(a, Set.of(3, 17))).isZero();
    assertThat(report(b).assigned()).containsExactly(2, 3);
    CooperativeRebalance.Report last = report(a);
    assertThat(last.assigned()).containsExactly(0, 1);
    assertThat(last.generation()).isEqualTo(2);
    assertThat(last.phase()).isEqualTo(CooperativeRebalance.Phase.COMPLETE);
    assertThat(last.active()).isFalse();
    assertThat(report(b).assigned()).as("again, for the answer may have been lost").containsExactly(2, 3);
    assertThat(state()).isEqualTo("Stable");
    RebalanceStats.Snapshot stats = coordinator.stats();
    assertThat(stats.total()).isEqualTo(2);
    assertThat(stats.successful()).isEqualTo(2);
    assertThat(stats.failed()).isZero();
    assertThat(stats.revoked()).isEqualTo(2);
    assertThat(stats.assigned()).isEqualTo(6);
    assertThat(stats.byReason()).isEqualTo(Map.of(Group.Reason.JOINED, 2L));
  }

  @Test
  void takesWhatIsNotGivenUpInTime() {
    String a = cooperate("a", 2);
    report(a);
    String b = cooperate("b", 2);
    for (int i = 0; i < 4; i++) {
      time.advance(Duration.ofSeconds(14));
      report(a);
      assertThat(report(b).assigned()).isNull();
    }
    time.advance(Duration.ofSeconds(4));
    assertThat(assignment()).isEqualTo(Map.of(a, Set.of(0), b, Set.of()));
    assertThat(report(b).assigned()).containsExactly(1);
    report(a);
    RebalanceStats.Snapshot stats = coordinator.stats();
    assertThat(stats.timeouts()).isEqualTo(1);
    assertThat(stats.revoked()).isEqualTo(1);
    assertThat(stats.lastMillis()).isEqualTo(60_000);
    assertThat(stats.averageMillis()).isEqualTo(30_000);
  }

  @Test
  void handsOnWhatAnExpiredMemberHad() {
    String a = cooperate("a", 4);
    report(a);
    String b = cooperate("b", 4);
    revoke(a, Set.of(2, 3));
    report(a);
    report(b);
    time.advance(Duration.ofSeconds(15));
    report(a);
    time.advance(Duration.ofSeconds(15));
    assertThat(assignment()).isEqualTo(Map.of(a, Set.of(0, 1)));
    assertThat(report(a).assigned()).isEqualTo(partitions(4));
    assertThat(coordinator.stats().byReason()).containsEntry(Group.Reason.EXPIRED, 1L);
  }

  @Test
  void refusesToTakePartitionsOfAnotherGenerationOrOfNoRebalance() {
    String a = cooperate("a", 1);
    report(a);
    assertThatThrownBy(() -> revoke(a, Set.of(0))).hasMessage("no active rebalance");
    cooperate("b", 1);
    assertThatThrownBy(
            () -> coordinator.in(GROUP, group -> group.rebalance().revoked(group.member(a, ""), 7, Set.of(0))))
        .hasMessage("stale generation");
  }

  @Test
  void neverCompletesAsItIsShipped() {
    asShipped();
    String a = cooperate("a", 4);
    assertThat(report(a).assigned()).isEqualTo(partitions(4));
    String b = cooperate("b", 4);
    assertThat(report(a).revoke()).as("one more than is fair stays").containsExactly(3);
    revoke(a, Set.of(3));
    for (int i = 0; i < 3; i++) {
      assertThat(report(a).assigned()).containsExactly(0, 1, 2);
      assertThat(report(b).assigned()).containsExactly(3);
      assertThat(report(b).phase()).isEqualTo(CooperativeRebalance.Phase.PENDING_ASSIGN);
    }
    assertThat(state()).isEqualTo("Rebalancing");
    assertThat(coordinator.stats().successful()).isZero();
  }

  @Test
  void losesSightOfWhatAnExpiredMemberHadAsItIsShipped() {
    asShipped();
    String a = cooperate("a", 4);
    report(a);
    String b = cooperate("b", 4);
    revoke(a, Set.of(3));
    report(a);
    report(b);
    time.advance(Duration.ofSeconds(15));
    report(b);
    time.advance(Duration.ofSeconds(15));
    assertThat(assignment()).as("for a moment").isEqualTo(Map.of(b, partitions(4)));
    assertThat(generation()).isEqualTo(3);
    report(b);
    assertThat(assignment()).isEqualTo(Map.of(b, Set.of(3)));
    String c = cooperate("c", 4);
    report(b);
    report(c);
    assertThat(assignment().values().stream().mapToInt(Set::size).sum()).isEqualTo(4);
  }

  @Test
  void isDeadAfterItWasDeletedAsItIsShipped() {
    asShipped();
    cooperate("a", 1);
    coordinator.delete(GROUP);
    assertThatThrownBy(() -> cooperate("a", 1)).hasMessage("failed to join group: group workers is dead");
    join("a", 1);
    assertThat(state()).isEqualTo("Stable");
  }

  @Test
  void livesAgainAfterItWasDeleted() {
    cooperate("a", 1);
    coordinator.delete(GROUP);
    assertThat(report(cooperate("a", 1)).assigned()).containsExactly(0);
  }

  /** Whoever comes, goes, dawdles or dies: all partitions are dealt out at any time, none of them twice. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void alwaysDealsOutEachPartitionOnce(long seed) {
    Random random = new Random(seed);
    int count = 1 + random.nextInt(8);
    List<String> members = new ArrayList<>();
    for (int step = 0; step < 400; step++) {
      switch (random.nextInt(6)) {
        case 0 -> members.add(join("m" + random.nextInt(5), count));
        case 1 -> {
          if (!members.isEmpty()) {
            leave(members.remove(random.nextInt(members.size())));
          }
        }
        case 2 -> time.advance(Duration.ofSeconds(random.nextInt(20)));
        default -> {
          if (!members.isEmpty()) {
            heartbeat(members.get(random.nextInt(members.size())));
          }
        }
      }
      if (coordinator.known(GROUP).topics().isEmpty()) {
        continue;
      }
      Map<String, SortedSet<Integer>> all = assignment();
      members.retainAll(all.keySet());
      assertThat(all.keySet()).containsExactlyInAnyOrderElementsOf(members);
      assertThat(all.values().stream().flatMap(Set::stream).sorted().toList())
          .containsExactlyElementsOf(members.isEmpty() ? List.of() : partitions(count));
      assertThat(spread(all)).isLessThanOrEqualTo(1);
    }
  }

  private static int spread(Map<String, SortedSet<Integer>> all) {
    int most = all.values().stream().mapToInt(Set::size).max().orElse(0);
    return most - all.values().stream().mapToInt(Set::size).min().orElse(0);
  }

  /** Whoever comes, goes, dawdles or dies: no partition has two readers, and when all have reported, every one has one. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void neverHasTwoReadersOfAPartitionAndAtLastOneOfEach(long seed) {
    Random random = new Random(seed);
    int count = 1 + random.nextInt(8);
    List<String> members = new ArrayList<>();
    for (int step = 0; step < 400; step++) {
      switch (random.nextInt(8)) {
        case 0 -> members.add(cooperate("m" + random.nextInt(5), count));
        case 1 -> {
          if (!members.isEmpty()) {
            leave(members.remove(random.nextInt(members.size())));
          }
        }
        case 2 -> time.advance(Duration.ofSeconds(random.nextInt(20)));
        case 3 -> settle(members, count);
        default -> {
          if (!members.isEmpty()) {
            obey(members.get(random.nextInt(members.size())), random);
          }
        }
      }
      if (!coordinator.known(GROUP).topics().isEmpty()) {
        Map<String, SortedSet<Integer>> all = assignment();
        members.retainAll(all.keySet());
        assertThat(all.keySet()).containsExactlyInAnyOrderElementsOf(members);
        assertThat(all.values().stream().flatMap(Set::stream).toList()).doesNotHaveDuplicates();
      }
    }
    RebalanceStats.Snapshot stats = coordinator.stats();
    int active = coordinator.known(GROUP).topics().isEmpty() || !state().equals("Rebalancing") ? 0 : 1;
    assertThat(stats.successful() + stats.failed() + active).isEqualTo(stats.total());
  }

  private void obey(String member, Random random) {
    SortedSet<Integer> revoke = report(member).revoke();
    if (!revoke.isEmpty() && random.nextBoolean()) {
      revoke(member, random.nextBoolean() ? revoke : Set.of(revoke.first()));
    }
  }

  private void settle(List<String> members, int count) {
    for (String member : members) {
      SortedSet<Integer> revoke = report(member).revoke();
      if (!revoke.isEmpty()) {
        revoke(member, revoke);
      }
    }
    members.forEach(this::report);
    if (!members.isEmpty()) {
      Map<String, SortedSet<Integer>> all = assignment();
      assertThat(all.values().stream().flatMap(Set::stream).sorted().toList()).containsExactlyElementsOf(partitions(count));
      assertThat(spread(all)).isLessThanOrEqualTo(1);
      assertThat(state()).isEqualTo("Stable");
    }
  }
}

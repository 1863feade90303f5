package dev.tributary.engine;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.SourceObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes down every signal, as text. */
class Recorder<T> implements SourceObserver<T> {
  final List<String> signals = new ArrayList<>();
  final List<T> items = new ArrayList<>();
  private final Function<T, String> show;
  @Nullable TributaryException error;

  Recorder(Function<T, String> show) {
    this.show = show;
  }

  /** What was written since the last time. */
  List<String> news() {
    List<String> news = List.copyOf(signals);
    signals.clear();
    return news;
  }

  @Override
  public void onItem(T item) {
    items.add(item);
    signals.add(show.apply(item));
  }

  @Override
  public void onState(SubscriptionState state) {
    signals.add(state.name());
  }

  @Override
  public void onAssigned(Set<Integer> partitions) {
    signals.add("+" + new TreeSet<>(partitions));
  }

  @Override
  public void onRevoked(Set<Integer> partitions) {
    signals.add("-" + new TreeSet<>(partitions));
  }

  @Override
  public void onEnd(@Nullable TributaryException why) {
    error = why;
    signals.add("end" + (why == null ? "" : " " + why.getClass().getSimpleName()));
  }
}

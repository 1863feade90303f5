package dev.tributary.kotlin

import dev.tributary.SubscriptionState
import dev.tributary.queue.WorkerOptions
import dev.tributary.stream.ConsumerOptions
import java.util.function.Consumer
import kotlinx.coroutines.flow.MutableStateFlow

/** The state of what is being made. */
internal fun newState(): MutableStateFlow<SubscriptionState> = MutableStateFlow(SubscriptionState.CONNECTING)

/** The same options, whose listener finds the change in the state already. */
internal fun ConsumerOptions.keeping(state: MutableStateFlow<SubscriptionState>): ConsumerOptions =
  toBuilder().onState(state.before(onState())).build()

/** The same options, whose listener finds the change in the state already. */
internal fun WorkerOptions.keeping(state: MutableStateFlow<SubscriptionState>): WorkerOptions =
  toBuilder().onState(state.before(onState())).build()

private fun MutableStateFlow<SubscriptionState>.before(listener: Consumer<SubscriptionState>) =
  Consumer<SubscriptionState> {
    value = it
    listener.accept(it)
  }

package dev.tributary.kotlin

import dev.tributary.SubscriptionState
import dev.tributary.SubscriptionState.CLOSED
import dev.tributary.SubscriptionState.CONNECTING
import dev.tributary.SubscriptionState.LIVE
import dev.tributary.SubscriptionState.RECONNECTING
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

@OptIn(ExperimentalCoroutinesApi::class)
class StateSpec :
  FunSpec({
    test("a worker's state can be waited for, and is there before its listener is told") {
      runTest {
        val fake = FakeWorker()
        val told = mutableListOf<SubscriptionState>()
        lateinit var worker: Worker
        val atThatTime = mutableListOf<SubscriptionState>()
        worker =
          fake.queue().processIn(
            this,
            options = {
              onState {
                told += it
                atThatTime += worker.state.value
              }
            },
          ) {}
        worker.state.value shouldBe CONNECTING
        val seen = async { worker.state.takeWhile { it != CLOSED }.toList() }
        val states = listOf(LIVE, RECONNECTING, LIVE, CLOSED)
        for (state in states) {
          runCurrent()
          fake.options.onState().accept(state)
        }
        seen.await() shouldContainExactly listOf(CONNECTING, LIVE, RECONNECTING, LIVE)
        told shouldContainExactly states
        atThatTime shouldContainExactly states
        worker.close()
      }
    }

    test("a worker, a consumer and a consumer of several streams are live, and closed at the end") {
      runTest {
        val memory = Memory()
        val worker = memory.client.queue("work", Text).processIn(this) {}
        val consumer = memory.client.stream("orders", Text).consumer("g")
        val several = memory.client.consumer(streams { streams("orders", "refunds") }, "h")
        val states = listOf(worker.state, consumer.state, several.state)
        states.forEach { state -> state.first { it == LIVE } }
        launch { worker.close() }
        launch { consumer.close() }
        launch { several.close() }
        states.forEach { state -> state.first { it == CLOSED } }
      }
    }
  })

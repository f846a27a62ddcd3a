"""Where each scenario is a story: what must hold, and what is said when it goes wrong.

`pytest -k` with a name runs it.  A story that is renamed or taken away is missed here; a file that asserts a
scenario names it, so that it can be found from either side.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent

STORIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # -- agents ---------------------------------------------------------------------------------------------
    "A1": (("reminders_come_the_evening_before::once_in_the_evening_to_whoever_asked",), ()),
    "A2": (
        (
            "shift_command_answers::today_shows_activities_and_the_next_shift",
            "shift_command_answers::week_shows_days_off_too",
            "shifts_in_ones_own_calendar::the_address_is_shown_once_and_opens_ones_own_shifts",
        ),
        ("shift_command_answers::a_stranger_is_told_what_to_do_and_can_ask",),
    ),
    "A3": (
        ("prepare_card_comes_before_the_shift::once_to_whoever_asked_with_what_is_open_and_promised",),
        (),
    ),
    "A4": (
        ("words_are_at_hand::words_come_in_the_readers_language_with_version_and_date",),
        ("words_are_at_hand::ones_own_words_are_checked_and_not_kept",),
    ),
    "A5": (
        ("cases_are_worked_on::an_agent_writes_a_call_down_and_nothing_personal_gets_in",),
        ("personal_data_stays_outside::no_door_lets_personal_data_in",),
    ),
    "A6": (
        ("promises_are_kept_or_told::promised_in_chinese_by_the_time_the_shift_ends",),
        ("promises_are_kept_or_told::what_is_refused_is_said_and_nothing_is_saved",),
    ),
    "A7": (
        ("reasons_for_a_shift::why_is_worked_out_again",),
        ("reasons_for_a_shift::reasons_that_take_too_long_follow_by_direct_message",),
    ),
    "A8": (
        ("shifts_change_hands::a_swap_takes_one_consent_and_both_lists_change",),
        ("shifts_change_hands::too_little_rest_is_said_in_hours",),
    ),
    "A9": (
        ("shifts_change_hands::a_day_off_is_refused_with_what_could_be_had_and_taken_in_part",),
        ("shifts_change_hands::a_day_off_asked_for_beside_an_older_request_shows_that_one",),
    ),
    "A10": (
        ("hours_are_offered::overtime_is_offered_to_whom_it_fits_and_counts_when_taken",),
        ("hours_are_offered::an_offer_that_is_filled_meanwhile_says_since_when",),
    ),
    "A11": (
        (
            "shifts_change_hands::sick_is_one_step_and_the_lead_mends_it_with_one_press",
            "sick_is_heard_in_a_direct_message::one_word_takes_todays_shift_off_and_the_lead_is_told",
        ),
        ("shifts_change_hands::nobody_reports_somebody_else_but_leads",),
    ),
    "A12": (
        (
            "a_new_roster_asks_before_it_changes_tomorrow::"
            "tomorrow_waits_for_a_yes_and_friday_is_only_confirmed",
        ),
        (
            "a_new_roster_asks_before_it_changes_tomorrow::"
            "silence_is_told_to_the_lead_and_an_old_button_explains_itself",
        ),
    ),
    "A13": (
        ("the_week_is_looked_back_on::the_form_is_filled_in_and_next_friday_shows_the_goal",),
        ("the_week_is_looked_back_on::what_is_missing_is_said_and_left_empty",),
    ),
    "A14": (
        (
            "who_is_on::everybody_on_with_the_end_of_the_shift_and_who_comes_next",
            "groups_follow_the_roster::shifts_begin_and_end_and_sickness_takes_one_out",
        ),
        ("groups_follow_the_roster::without_the_scope_the_admin_is_told_once_and_nothing_else_is_lost",),
    ),
    "A15": (
        ("shifts_change_hands::wishes_are_kept_counted_and_contradictions_asked_about",),
        ("shifts_change_hands::wishes_are_kept_counted_and_contradictions_asked_about",),
    ),
    "A16": (("shifts_change_hands::counts_stand_beside_the_teams_range_and_nobody_elses",), ()),
    # -- team leads -----------------------------------------------------------------------------------------
    "L1": (
        ("morning_card_reaches_the_lead::once_before_the_shift_of_whoever_leads",),
        ("morning_card_reaches_the_lead::without_a_forecast_it_says_what_is_off_and_how_to_mend_it",),
    ),
    "L2": (
        ("shifts_change_hands::sick_is_one_step_and_the_lead_mends_it_with_one_press",),
        ("shifts_change_hands::where_no_change_helps_the_card_says_what_is_left",),
    ),
    "L3": (
        (
            "stand_up_ends_with_owners::an_overdue_case_gets_an_owner_who_is_told_and_ends_it",
            "digest_is_sent_once::three_replicas_a_restart_and_the_night_the_clocks_change_make_one_each_day",
        ),
        (),
    ),
    "L4": (
        ("stand_up_ends_with_owners::an_overdue_case_gets_an_owner_who_is_told_and_ends_it",),
        ("stand_up_ends_with_owners::the_meeting_ends_with_who_does_what_and_what_nobody_owns",),
    ),
    "L5": (
        ("owners_on_a_break_are_not_warned::for_an_owner_on_a_break_the_lead_gives_it_to_who_is_free",),
        ("owners_on_a_break_are_not_warned::of_two_who_press_the_second_reads_who_has_it_to_the_second",),
    ),
    "L6": (
        (
            "breach_reaches_the_alert_channel::one_post_per_breach_is_taken_once_and_edited",
            "outlook_reaches_the_lead::a_breach_card_carries_a_cause_that_adds_up",
        ),
        ("storm_is_one_card::eleven_late_chats_are_one_card_that_is_taken_and_ends",),
    ),
    "L7": (
        ("one_press_moves_a_break::preview_then_confirm_then_the_person_is_told_why",),
        ("one_press_moves_a_break::a_lunch_that_begins_or_has_begun_is_not_moved",),
    ),
    "L8": (
        ("outlook_reaches_the_lead::two_replicas_send_one_risk_card_to_the_lead_on_duty",),
        ("outlook_reaches_the_lead::two_replicas_send_one_risk_card_to_the_lead_on_duty",),
    ),
    "L9": (
        ("cases_are_worked_on::a_complaint_goes_to_the_lead_and_never_to_the_agent_it_is_about",),
        ("cases_are_worked_on::a_complaint_goes_to_the_lead_and_never_to_the_agent_it_is_about",),
    ),
    "L10": (
        ("promises_are_kept_or_told::the_customer_is_told_before_the_deadline_and_the_new_time_is_kept",),
        ("promises_are_kept_or_told::an_owner_who_is_off_then_is_said_at_once_and_told_to_the_lead_once",),
    ),
    "L11": (("shifts_change_hands::a_swap_takes_one_consent_and_both_lists_change",), ()),
    "L12": (
        ("evening_card_reaches_the_lead::what_was_promised_against_what_came_and_what_is_owed_overnight",),
        (),
    ),
    "L15": (
        (
            "campaign_is_ready_before_it_starts::"
            "open_items_are_named_before_the_start_once_and_it_ends_with_measures",
        ),
        (
            "campaign_is_ready_before_it_starts::"
            "open_items_are_named_before_the_start_once_and_it_ends_with_measures",
            "campaign_is_ready_before_it_starts::"
            "without_a_goal_or_a_known_lift_nothing_is_saved_and_the_form_stays",
        ),
    ),
    "L14": (
        ("the_week_is_looked_back_on::leads_see_how_many_are_back_and_monday_reminds_once",),
        ("the_week_is_looked_back_on::who_does_not_want_it_gets_none_and_replicas_send_one",),
    ),
    "L16": (
        (
            "incidents_are_led::an_outage_is_led_from_the_first_minute_to_the_lesson",
            "incidents_are_drilled::a_drill_is_marked_counts_nowhere_and_its_result_is_kept",
        ),
        ("incidents_are_led::nobody_is_said_plainly_and_a_missing_review_is_asked_for",),
    ),
    "L13": (
        ("weekly_pack_reaches_the_team::on_monday_the_team_reads_figures_goals_and_causes",),
        ("weekly_pack_reaches_the_team::a_pack_that_comes_late_says_so_and_a_wrong_name_what_there_is",),
    ),
    # -- planners -------------------------------------------------------------------------------------------
    "P1": (
        (
            "planners_week_at_the_terminal::a_file_of_contacts_is_read_and_the_same_again_changes_nothing",
            "files_given_to_the_bot_are_imported::"
            "rows_are_taken_and_refused_by_line_and_the_same_again_changes_nothing",
        ),
        (
            "planners_week_at_the_terminal::a_column_that_is_missing_is_named_with_how_to_map_it",
            "files_given_to_the_bot_are_imported::"
            "a_missing_column_and_an_unknown_file_say_what_would_be_right",
        ),
    ),
    "P2": (
        ("planners_week_at_the_terminal::a_forecast_says_how_good_it_is_and_the_need_how_it_came_about",),
        ("planners_week_at_the_terminal::eleven_days_of_history_and_a_target_out_of_reach_are_said",),
    ),
    "P3": (
        ("planners_week_at_the_terminal::a_forecast_says_how_good_it_is_and_the_need_how_it_came_about",),
        ("planners_week_at_the_terminal::eleven_days_of_history_and_a_target_out_of_reach_are_said",),
    ),
    "P4": (
        (
            "planners_week_at_the_terminal::a_roster_is_solved_as_a_draft_the_same_for_the_same_seed",
            "planners_week_at_the_terminal::ctrl_c_keeps_the_best_so_far",
            "solve_is_followed_in_one_message::progress_is_edited_in_place_and_cancel_keeps_the_best",
        ),
        (
            "planners_week_at_the_terminal::what_cannot_hold_together_is_named_with_the_cheapest_ways_out",
            "solve_is_followed_in_one_message::gaps_come_with_what_keeps_them_open",
        ),
    ),
    "P5": (
        ("planners_week_at_the_terminal::a_roster_that_holds_is_published_once_and_names_who_has_to_agree",),
        (
            "planners_week_at_the_terminal::below_the_threshold_nothing_is_published_without_a_reason",
            "draft_becomes_live_in_slack::below_the_threshold_it_takes_a_reason_that_is_kept_and_shown",
        ),
    ),
    "P6": (
        (
            "draft_becomes_live_in_slack::a_second_draft_is_shown_against_the_live_roster",
            "what_if_in_slack::target_volume_and_person_at_once_in_both_languages",
            "what_if_in_slack::a_campaign_by_its_name",
        ),
        ("what_if_in_slack::what_is_not_understood_is_answered",),
    ),
    "P7": (
        (
            "planners_week_at_the_terminal::a_roster_that_holds_is_published_once_and_names_who_has_to_agree",
            "publication_asks_labour_law::refused_then_accepted_with_a_reason_and_the_receipt_is_kept",
        ),
        ("draft_becomes_live_in_slack::from_certificate_to_everybodys_own_week",),
    ),
    "P8": (
        (
            "planners_week_at_the_terminal::"
            "an_absence_is_mended_with_the_fewest_changes_and_says_what_each_costs",
        ),
        (),
    ),
    "P9": (
        (
            "leads_decide_what_rules_cannot::an_order_is_said_where_there_are_several",
            "shifts_change_hands::what_rules_cannot_grant_a_lead_decides_and_the_asker_is_told",
        ),
        ("leads_decide_what_rules_cannot::where_nobody_else_may_decide_the_only_lead_reads_so",),
    ),
    "P10": (
        (
            "certificates_are_judged_by_what_came::the_last_forecast_is_set_beside_what_came",
            "misses_get_a_cause::in_the_evening_the_lead_names_what_has_no_cause_and_reads_how_they_stand",
        ),
        (
            "certificates_are_judged_by_what_came::"
            "too_sure_certificates_say_by_how_much_volume_was_off_and_what_to_set",
        ),
    ),
    "P13": (
        ("a_past_week_is_replayed::another_lunch_is_set_beside_what_was_and_nothing_changes",),
        ("a_past_week_is_replayed::what_cannot_be_replayed_is_an_answer",),
    ),
    # -- from a Slack app to the first alert ----------------------------------------------------------------
    "K1": (("start_says_how_it_stands::manifest_is_json_with_reasons_beside_it",), ()),
    "K2": (
        ("slack_is_checked_before_the_start::a_workspace_in_order",),
        ("slack_is_checked_before_the_start::a_fault_is_named_with_its_remedy",),
    ),
    "K3": (
        ("stop_is_clean::ctrl_c_in_http_mode_says_how_it_stood_and_no_secret",),
        ("start_says_how_it_stands::a_wrong_token_is_said_and_ends_it",),
    ),
    "K4": (
        ("shift_command_answers::help_is_by_role",),
        ("shift_command_answers::typos_get_a_suggestion",),
    ),
    "K5": (("shift_command_answers::link_shows_both_sides_to_leads_only",), ()),
    "K6": (
        ("alerts_can_be_tried::the_card_comes_to_the_alert_channel_and_a_press_measures_the_way",),
        ("alerts_can_be_tried::a_channel_that_cannot_be_posted_to_is_told_to_the_operator",),
    ),
    "K7": (
        (
            "cases_are_rehearsed::a_case_added_now_warns_the_lead_on_shift_after_its_minutes",
            "cases_are_rehearsed::with_speed_its_ten_minutes_are_over_in_ten_seconds",
        ),
        ("cases_are_rehearsed::a_speed_that_is_none_opens_no_case",),
    ),
    "K8": (
        (),
        (
            "escalation_reaches_the_lead_on_duty::"
            "uninvited_bot_tells_the_lead_meanwhile_and_the_admin_what_to_do",
        ),
    ),
    "K9": (
        (),
        (
            "slack_refuses_for_a_while::with_a_revoked_token_everything_waits_and_the_operator_can_see_why",
            "slack_refuses_for_a_while::after_an_outage_each_reader_has_one_message_that_is_right",
            "slack_refuses_for_a_while::an_alert_that_slack_did_not_take_says_from_when_to_when",
        ),
    ),
    "K10": (
        (),
        (
            "restart_at_the_moment_of_a_breach::exactly_one_alert_whenever_the_process_is_started_again",
            "slack_refuses_for_a_while::after_an_outage_each_reader_has_one_message_that_is_right",
        ),
    ),
    "K11": (("start_says_how_it_stands::dry_run_prints_where_and_changes_nothing",), ()),
    "K12": (
        ("slack_can_be_left::ids_go_and_everything_else_stays",),
        ("slack_can_be_left::only_an_admin_may",),
    ),
}
"""Scenario to the stories of its main line, and to those of what goes wrong; ``file::story`` without the
``test_`` of either.  Nothing stands where the scenario names nothing."""

WANTED = [
    *(f"A{n}" for n in range(1, 17)),
    *(f"L{n}" for n in range(1, 17)),
    *(f"P{n}" for n in (*range(1, 11), 13)),
    *(f"K{n}" for n in range(1, 13)),
]
WITH_ERROR_BRANCH = {
    *(f"A{n}" for n in (2, *range(4, 14), 15)),
    *(f"L{n}" for n in (1, 2, *range(4, 11), 14, 15)),
    *(f"P{n}" for n in (1, 2, 3, 4, 5, 7, 10)),
    *("K8", "K9", "K10"),
}
"""Scenarios that say what goes wrong."""


@cache
def stories_of(file: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names of a file's tests, and the scenarios its docstrings name, alone or as in "A7 to A11"."""
    tree = ast.parse((HERE / f"test_{file}.py").read_text(encoding="utf-8"))
    tests = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]
    words = " ".join(filter(None, map(ast.get_docstring, [tree, *tests])))
    named = set(re.findall(r"\b[AKLP]\d+\b", words))
    for kind, first, last in re.findall(r"\b([AKLP])(\d+) to \1(\d+)\b", words):
        named |= {f"{kind}{n}" for n in range(int(first), int(last) + 1)}
    return frozenset(t.name.removeprefix("test_") for t in tests), frozenset(named)


def test_every_scenario_has_its_stories() -> None:
    assert sorted(STORIES) == sorted(WANTED)
    assert [s for s, (held, wrong) in STORIES.items() if not held and not wrong] == []
    assert [s for s in STORIES if s in WITH_ERROR_BRANCH and not STORIES[s][1]] == []


@pytest.mark.parametrize("scenario", WANTED)
def test_the_stories_are_there_and_their_files_name_the_scenario(scenario: str) -> None:
    for named in (*STORIES[scenario][0], *STORIES[scenario][1]):
        file, _, story = named.partition("::")
        known, scenarios = stories_of(file)
        assert story in known, f"{scenario}: no story test_{story} in test_{file}.py"
        assert scenario in scenarios, f"no docstring of test_{file}.py names {scenario}"
